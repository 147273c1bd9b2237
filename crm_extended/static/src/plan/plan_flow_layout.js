// Of steps that were just added, as in the model.
const AT_THE_END = 100_000;

/**
 * Where the boxes of a plan's picture are, and what leads from one to another.
 *
 * Boxes stand one below the other in the order of the steps. A branch is a line beside
 * them, in a lane of its own where it would cross another one.
 *
 * @param {{elseId: number|false, hasCondition: boolean, isLast: boolean,
 *     resId: number|false}[]} steps in their order
 * @returns {{steps: Object[], branches: {from: number, to: number, lane: number}[]}}
 *     for each step `next`, what leads to the box below ("then", "otherwise" or false),
 *     `branchTo`, where those go who do not meet its condition (place among the steps,
 *     or -1), and `isReached`
 */
export function layOut(steps) {
    const drawn = steps.map((step, place) => {
        const branchTo =
            step.hasCondition && step.elseId
                ? steps.findIndex((other) => other.resId === step.elseId)
                : -1;
        return { branchTo, isReached: place === 0, next: nextOf(step, branchTo) };
    });
    drawn.forEach((each, place) => {
        if (!each.isReached) {
            return;
        }
        if (each.next && place + 1 < drawn.length) {
            drawn[place + 1].isReached = true;
        }
        if (each.branchTo > place) {
            drawn[each.branchTo].isReached = true;
        }
    });
    const last = drawn.at(-1);
    if (last) {
        last.next = "then";
    }
    return { steps: drawn, branches: inLanes(drawn) };
}

function nextOf(step, branchTo) {
    if (!step.isLast) {
        return "then";
    }
    // The plan ends for those for whom it was done; only the others go on.
    return step.hasCondition && branchTo < 0 ? "otherwise" : false;
}

/** Branches to the box right below need no line of their own. */
function inLanes(drawn) {
    const branches = drawn
        .map(({ branchTo }, from) => ({ from, to: branchTo }))
        .filter(({ from, to }) => to > from + 1)
        .sort((one, other) => one.to - one.from - (other.to - other.from));
    const lanes = [];
    for (const branch of branches) {
        const isFree = (lane) =>
            lane.every((other) => other.to <= branch.from || other.from >= branch.to);
        let lane = lanes.findIndex(isFree);
        if (lane < 0) {
            lane = lanes.push([]) - 1;
        }
        lanes[lane].push(branch);
        branch.lane = lane;
    }
    return branches;
}

/**
 * Numbers that rise: as they are, where they do.
 *
 * @param {number[]} sequences of steps in their order; new ones have that of the end
 */
export function numbered(sequences) {
    let last = -1;
    return sequences.map((sequence) => {
        const rises = sequence > last && sequence < AT_THE_END;
        last = rises ? sequence : last + 1;
        return last;
    });
}
