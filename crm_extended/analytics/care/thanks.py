"""Whether a mail says thank you and nothing else, in English or Chinese.

Known are phrases, not single words: what is not known may be a question, a wish or a
complaint, and is read by somebody.
"""

import re
import unicodedata

from .thanks_words import (
    CHINESE_KNOWN,
    CHINESE_THANKS,
    FOR,
    FOR_WHAT,
    KNOWN,
    LONGEST_CHINESE,
    LONGEST_PHRASE,
    NO_NAMES,
    SIGN_OFFS,
    THANKS,
)
from .written_text import own_words

LONGEST = 60
# A short answer can quote a long text; texts beyond this length are not examined.
LONGEST_BODY = 200_000


# 王经理, 小李, 张老师
CHINESE_NAME = re.compile(
    r"[\u4e00-\u9fff]{1,2}(经理|經理|老师|老師|先生|女士|小姐|总|哥|姐|工)|[小老阿][\u4e00-\u9fff]"
)
CHINESE_RUN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[\u3400-\u9fff]+|[^\W\d_\u3400-\u9fff]+")

GRATEFUL_FACES = "🙏👍❤"
UNHAPPY_FACES = frozenset(
    "😠😡🤬👎😞😔😟😕🙁☹😣😖😫😩😢😤😒🙄😑😐🤔❌⛔🚫💔❓❔⁉😱😨😰😥😓🤦🤷🥺😬🤢🤮💩🖕"
)
UNHAPPY_SIGNS = re.compile(r"[:;=]'?-?[(/\\|<\[]|>:|:-?[sS]\b|-_-|T_T")
HAPPY_SIGNS = re.compile(r"[:;=]-?[)DPpdo*]+|<3|\^_*\^|\\o/|xx+\b|\bx\b")
SENTENCE = re.compile(r"[.,;:!~…。，、；：！～·()（）\"“”*\n\-–—&+/]+")
SHORT_FORMS = (
    (re.compile(r"\b(it|that|this|everything|all|problem|issue)['’]s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\b(you|we)['’]re\b", re.IGNORECASE), r"\1 are"),
    (re.compile(r"\bi['’]m\b", re.IGNORECASE), "i am"),
    (re.compile(r"\b(i|we)['’]d\b", re.IGNORECASE), r"\1 would"),
    (re.compile(r"\bma['’]am\b", re.IGNORECASE), "ma am"),
    (re.compile(r"\bmr\.|\bmrs\.|\bms\.|\bdr\.", re.IGNORECASE), lambda found: found[0][:-1]),
)  # fmt: skip
CONTACT = re.compile(
    r"(\+?[\d\s()/.-]{6,}|\S+@\S+\.\S+|(https?://|www\.)\S+"
    r"|(tel|phone|mobile|fax|m|t|p|e|电话|手机|邮箱)\s*[.:：].{3,50})",
    re.IGNORECASE,
)
MOST_SIGNATURE = 8


def only_thanks(body, names=()) -> bool:
    """Whether the sender of a mail wrote thanks and nothing else.

    :param body: HTML of the mail, quotation and signature included
    :param names: names of those who write to each other
    """
    if len(body or "") > LONGEST_BODY:
        return False
    text, pictures = own_words(body)
    return not pictures and is_thanks(text, names)


def is_thanks(text, names=()) -> bool:
    """Whether a text, without quotation, is thanks and nothing else."""
    known = {
        word.lower()
        for name in names
        for word in WORD.findall(name or "")
        if word.lower() not in NO_NAMES
    }
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    lines = _without_sign_off(lines, known)
    text = "\n".join(lines)
    if not text or len(" ".join(text.split())) > LONGEST:
        return False
    if UNHAPPY_FACES & set(text) or UNHAPPY_SIGNS.search(text):
        return False
    grateful = any(face in text for face in GRATEFUL_FACES)
    text = HAPPY_SIGNS.sub("\n", text)
    text = "".join(
        "\n" if unicodedata.category(letter) in ("So", "Sk") else letter
        for letter in unicodedata.normalize("NFKC", text)
        if unicodedata.category(letter) not in ("Cf", "Mn", "Me")
    )
    if re.search(r"[?\d@#%$€£]|https?:", text):
        # A question, an amount, an address.
        return False
    for form, long in SHORT_FORMS:
        text = form.sub(long, text)
    for sentence in SENTENCE.split(text):
        thankful = _judge(sentence, known, grateful)
        if thankful is None:
            return False
        grateful = grateful or thankful
    return grateful


def _without_sign_off(lines, known) -> list[str]:
    """Lines without the names, numbers and addresses below a farewell, or a name that
    stands alone at the end."""
    for number, line in enumerate(lines):
        words = tuple(word.lower() for word in WORD.findall(line))
        if number and words in SIGN_OFFS:
            rest = lines[number + 1 :]
            if len(rest) <= MOST_SIGNATURE and all(
                _is_of_signature(line, known) for line in rest
            ):
                return lines[: number + 1]
    if len(lines) > 1 and _is_name(lines[-1], known):
        return lines[:-1]
    return lines


def _is_of_signature(line, known) -> bool:
    return bool(CONTACT.fullmatch(line)) or _is_name(line, known, most=5)


def _is_name(line, known, most=3) -> bool:
    words = WORD.findall(line)
    if not words or len(words) > most or re.search(r"[?!\d]", line):
        return False
    return all(
        word.lower() in known
        or (word[0].isupper() and word.lower() not in NO_NAMES)
        or (len(words) > 1 and word.lower() in ("of", "and", "de", "van", "von", "der"))
        or CHINESE_NAME.fullmatch(word) is not None
        for word in words
    )


def _judge(sentence, known, thankful) -> bool | None:
    """Whether a sentence, or one before it, thanks; None if it says something else."""
    words = WORD.findall(sentence)
    if "".join(words) != "".join(sentence.split()).replace("'", "").replace("’", ""):
        return None
    runs, latin = [], []
    for word in words:
        if CHINESE_RUN.fullmatch(word):
            runs += [latin, word]
            latin = []
        else:
            latin.append(word)
    runs.append(latin)
    for run in runs:
        if not run:
            continue
        if isinstance(run, str):
            judged = _judge_chinese(run, known)
        else:
            judged = _judge_english(run, known, thankful)
        if judged is None:
            return None
        thankful = thankful or judged
    return thankful


def _judge_english(words, known, thankful) -> bool | None:
    """Cut words into known phrases; names may stand everywhere, one that is not known
    at the end of a greeting or of thanks."""
    lower = [word.lower() for word in words]
    # For each place that is reached: whether there were thanks.
    reached = {0: False}
    for place in range(len(words)):
        if place not in reached:
            continue
        so_far = reached[place]
        for end, thanks in _steps(words, lower, place, known, so_far or thankful):
            reached[end] = reached.get(end, False) or so_far or thanks
    return reached.get(len(words))


def _steps(words, lower, place, known, thankful):
    for length in range(1, LONGEST_PHRASE + 1):
        phrase = tuple(lower[place : place + length])
        if len(phrase) == length and phrase in KNOWN:
            yield place + length, phrase in THANKS
    if lower[place] in known:
        yield place + 1, False
    greeted = place > 0 and lower[place - 1] in (
        "hi", "hello", "hey", "dear", "mr", "mrs", "ms", "dr", "miss", "to",
    )  # fmt: skip
    if (
        place == len(words) - 1
        and (thankful or greeted)
        and len(words[place]) > 1
        and words[place][0].isupper()
        and words[place][1:].islower()
        and lower[place] not in NO_NAMES
    ):
        yield place + 1, False
    if lower[place] in ("for", "4") and thankful:
        end = place + 1
        while end < len(words) and lower[end] in FOR | FOR_WHAT:
            end += 1
            if lower[end - 1] in FOR_WHAT:
                yield end, False


def _judge_chinese(text, known) -> bool | None:
    reached = {0: False}
    for place in range(len(text)):
        if place not in reached:
            continue
        so_far = reached[place]
        steps = [
            (place + length, text[place : place + length] in CHINESE_THANKS)
            for length in range(1, LONGEST_CHINESE + 1)
            if place + length <= len(text)
            and (
                text[place : place + length] in CHINESE_KNOWN
                or text[place : place + length] in known
            )
        ]
        if so_far or place == 0:
            steps += [
                (place + length, False)
                for length in range(2, 5)
                if CHINESE_NAME.fullmatch(text, place, min(place + length, len(text)))
            ]
        for end, thanks in steps:
            reached[end] = reached.get(end, False) or so_far or thanks
    return reached.get(len(text))
