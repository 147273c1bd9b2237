import { useEffect, useEnv, useState } from "@odoo/owl";

import { useBus } from "@web/core/utils/hooks";

/**
 * Tell when something was posted, planned or done in the chatter beside, and when the
 * form was loaded again.
 *
 * The chatter announces neither; but it keeps what it shows of a record in the store,
 * where it can be watched without asking the server for anything.
 */
export function useThreadChanges(resModel, resId, onChange) {
    const env = useEnv();
    useBus(env.bus, "MAIL:RELOAD-THREAD", ({ detail }) => {
        if (detail.model === resModel && detail.id === resId) {
            onChange();
        }
    });
    const store = env.services["mail.store"];
    if (!store) {
        return;
    }
    const thread = useState(store.Thread.insert({ model: resModel, id: resId }));
    let known;
    useEffect(
        (isLoaded, newest, activities) => {
            const seen = isLoaded ? `${newest} ${activities}` : undefined;
            if (known !== undefined && seen !== undefined && seen !== known) {
                onChange();
            }
            known = seen ?? known;
        },
        () => [
            thread.isLoaded,
            thread.newestPersistentMessage?.id,
            (thread.activities || []).map((activity) => activity.id).join(","),
        ]
    );
}
