// What may be opened from a conversation: a call, a meeting, another program. In a window of its own.
import * as calls from "../api/calls.ts";
import type { ConversationLink, ConversationRow } from "../api/types.ts";
import { Icon, type IconName } from "../parts/icons.tsx";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";

const ICONS: Record<ConversationLink["kind"], IconName> = {
  call: "phone",
  meeting: "people",
  co_browse: "screen",
  other: "out",
};

export const Links = ({ row }: { row: ConversationRow }) => {
  const loaded = useLoaded<ConversationLink[]>(() => calls.links(row.id), [row.id, row.contact.display_name]);
  return (
    <>
      <NotLoaded of={loaded} />
      {loaded.value?.length ? (
        <p class="side-links">
          {loaded.value.map((one) => (
            <a
              key={one.key}
              class="button"
              href={one.url}
              rel="noopener noreferrer"
              target={one.url.startsWith("https:") ? "_blank" : undefined}
            >
              <Icon name={ICONS[one.kind]} />
              <span class="cut">{one.label}</span>
            </a>
          ))}
        </p>
      ) : null}
    </>
  );
};
