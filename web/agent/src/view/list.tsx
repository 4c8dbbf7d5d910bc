// The list: rows of one height, of which only those near the window are there.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { registerList } from "../keys/reach.ts";
import { Icon } from "../parts/icons.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Nothing } from "../parts/small.tsx";
import {
  hold,
  ids,
  leaving,
  listError,
  listPhase,
  loadingMore,
  more,
  next,
  release,
  reload,
  seeTo,
  waiting,
} from "../store/lists.ts";
import { conversationId, go, OWN, place } from "../store/place.ts";
import { picked, picking } from "../store/selection.ts";
import { channelsOf, inbox } from "../store/session.ts";
import { density } from "../store/settings.ts";
import { t } from "../text/words.ts";
import { ListHead } from "./list_head.tsx";
import { overlay } from "./overlays.ts";
import { canCreate } from "./rail.tsx";
import { Row } from "./row.tsx";
import { Slowly } from "./slowly.tsx";

const SPARE = 6;
const NEAR = 15;
const phoneQuery = globalThis.matchMedia?.("(max-width: 767px)");

export const rowHeight = (): number => (phoneQuery?.matches ? 76 : density.value === "compact" ? 52 : 72);

export const List = () => (
  <section class="col list" aria-label={t().conversations}>
    <ListHead />
    <div class="list-body" role="tabpanel" id="list" aria-labelledby={`tab-${place.value.tab}`}>
      <Body />
    </div>
    {canCreate() && !picking.value && (
      <button
        type="button"
        class="fab"
        aria-label={t().create}
        onClick={() => (overlay.value = { kind: "create" })}
      >
        <Icon name="plus" />
      </button>
    )}
  </section>
);

const Body = () => {
  if (listPhase.value === "error") return <ProblemBox error={listError.value} retry={reload} />;
  if (listPhase.value === "loading")
    return (
      <Slowly>
        <Skeletons />
      </Slowly>
    );
  if (!ids.value.length && !loadingMore.value) return <Empty />;
  return <Rows />;
};

const Skeletons = () => (
  <div class="skeletons" aria-hidden="true">
    {Array.from({ length: 12 }, (_, i) => (
      <div class="row-skeleton" key={i} style={{ height: `${rowHeight()}px` }}>
        <i />
        <b />
        <s />
      </div>
    ))}
  </div>
);

const Empty = () => {
  const { tab, who, show, tag } = place.value;
  const own = place.value.inbox === OWN;
  const filtered = (who !== "all" && !own) || show !== "all" || tag;
  if (inbox.value && !channelsOf(inbox.value.id).length)
    return (
      <Nothing icon="inbox" title={t().noChannel}>
        <p class="soft">{t().noChannelWhy}</p>
      </Nothing>
    );
  return (
    <Nothing
      icon={filtered ? "filter" : "check"}
      title={filtered ? t().nothingFits : t().emptyTab(own && tab !== "closed" ? "open" : tab)}
    >
      {filtered ? (
        <button type="button" class="button" onClick={() => go({ who: "all", show: "all", tag: "" }, true)}>
          {t().clearFilters}
        </button>
      ) : (
        <p class="soft">{own && tab !== "closed" ? t().ownEmptyWhy : t().emptyTabWhy(tab)}</p>
      )}
    </Nothing>
  );
};

/** Which element shows which row: the same one as long as it is seen, afterwards another row's. Elements that come and
 * go cost several times what it takes to write another name into one. */
class Places {
  #taken = new Map<string, number>();
  #free: number[] = [];
  #made = 0;

  of(ids: readonly string[]): number[] {
    const wanted = new Set(ids);
    for (const [id, place] of this.#taken)
      if (!wanted.has(id)) {
        this.#taken.delete(id);
        this.#free.push(place);
      }
    return ids.map((id) => {
      let place = this.#taken.get(id);
      if (place === undefined) {
        place = this.#free.pop() ?? this.#made++;
        this.#taken.set(id, place);
      }
      return place;
    });
  }
}

const Rows = () => {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(900);
  const active = useSignal(0);
  const focusing = useRef(false);
  const asked = useSignal(0);
  const reused = useRef(new Places());
  const focused = useRef((at: number): void => {
    active.value = at;
  });
  void asked.value;
  const all = ids.value;
  const each = rowHeight();
  useLayoutEffect(() => {
    const element = box.current!;
    const seen = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    seen.observe(element);
    return () => seen.disconnect();
  }, []);
  const selectedAt = all.indexOf(conversationId.value);
  useEffect(() => {
    if (selectedAt >= 0) active.value = selectedAt;
  }, [selectedAt]);
  const first = Math.max(0, Math.floor(top.value / each) - SPARE);
  const last = Math.min(all.length, Math.ceil((top.value + height.value) / each) + SPARE);
  useEffect(() => {
    seeTo(last);
    if (next.value && last > all.length - NEAR) void more();
  }, [last, all.length]);
  const reach = (index: number): void => {
    const to = Math.max(0, Math.min(index, all.length - 1));
    const element = box.current!;
    const [above, below] = [to * each, (to + 1) * each];
    if (above < element.scrollTop) element.scrollTop = above;
    else if (below > element.scrollTop + element.clientHeight)
      element.scrollTop = below - element.clientHeight;
    top.value = element.scrollTop;
    active.value = to;
    focusing.current = true;
    asked.value += 1; // also where it is the row that was active before
  };
  useLayoutEffect(() => {
    // The first press of a key comes to the list, the next ones move in it.
    const inside = (): boolean => Boolean(box.current?.contains(document.activeElement));
    return registerList({
      move: (by) => reach(active.peek() + (inside() ? by : 0)),
      at: () => ids.peek()[active.peek()] ?? "",
    });
  }, [all]);
  useLayoutEffect(() => {
    if (!focusing.current) return;
    focusing.current = false;
    box.current?.querySelector<HTMLElement>(`[aria-rowindex="${active.value + 1}"] .row-link`)?.focus();
  });
  const press = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height.value / each) - 1);
    const by = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -all.length,
      End: all.length,
    }[event.key];
    if (by === undefined || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    reach(active.value + by);
  };
  const shown = all.slice(first, last).map((id, i) => [id, first + i] as const);
  if (active.value < all.length && (active.value < first || active.value >= last))
    shown.push([all[active.value]!, active.value]);
  const places = reused.current.of(shown.map(([id]) => id));
  const selected = conversationId.value;
  return (
    <>
      {waiting.value > 0 && (
        <button type="button" class="pill-button" onClick={release}>
          {t().moved(waiting.value)}
        </button>
      )}
      <div
        ref={box}
        class="rows"
        role="grid"
        tabIndex={-1}
        aria-label={t().conversations}
        aria-multiselectable={picking.value ? "true" : undefined}
        aria-rowcount={next.value ? -1 : all.length}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
        }}
        onPointerEnter={(event) => event.pointerType === "mouse" && hold(true)}
        onPointerLeave={() => hold(false)}
        onKeyDown={press}
      >
        <div class="rows-all" role="presentation" style={{ height: `${all.length * each}px` }}>
          {shown.map(([id, index], i) => (
            <Row
              key={places[i]}
              id={id}
              index={index}
              top={index * each}
              active={index === active.value}
              selected={id === selected}
              picked={picking.value ? picked.value.has(id) : null}
              gone={leaving.value.has(id)}
              onFocus={focused.current}
            />
          ))}
        </div>
      </div>
    </>
  );
};
