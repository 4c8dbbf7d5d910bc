// The place beside the conversation; what is in it is loaded later.

import { useEffect, useState } from "preact/hooks";
import type { ConversationRow } from "../api/types.ts";
import { whenShown } from "../parts/idle.ts";
import { Fence } from "../parts/problem.tsx";
import { conversationId } from "../store/place.ts";
import { rowOf } from "../store/rows.ts";
import { t } from "../text/words.ts";
import { later, useLazy } from "./lazily.tsx";

export const Side = () => {
  const wanted = conversationId.value;
  const [id, show] = useState(wanted);
  // The conversation itself comes first.
  useEffect(() => (id === wanted ? undefined : whenShown(() => show(wanted))), [wanted, id]);
  const row = rowOf(id)?.value;
  return (
    <aside class="col side" aria-label={t().aboutContact}>
      {wanted && row && (
        <Fence name="side" key={id}>
          <Panel row={row} />
        </Fence>
      )}
    </aside>
  );
};

const Panel = (props: { row: ConversationRow }) => {
  const View = useLazy<{ row: ConversationRow }>(async () => (await later()).Panel);
  return View && <View {...props} />;
};
