// A strip when the line is down; reading goes on meanwhile.
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../parts/icons.tsx";
import { announced, drop, toasts } from "../store/say.ts";
import { cutOff, nextTry, tryNow } from "../store/sync.ts";
import { t } from "../text/words.ts";

export const Banner = () => {
  const shown = cutOff.value;
  const [left, count] = useState(0);
  useEffect(() => {
    if (!shown) return;
    const tick = (): void => count(Math.max(0, Math.ceil((nextTry.peek() - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [shown]);
  if (!shown) return null;
  return (
    <div class="banner" role="status">
      <Icon name="warn" />
      <span class="grow">{t().offline(left)}</span>
      <button type="button" class="link" onClick={tryNow}>
        {t().now}
      </button>
    </div>
  );
};

export const Toasts = () => (
  <div class="toasts" role="region" aria-label={t().news}>
    {toasts.value.map((one) => (
      <div class={`toast ${one.tone}`} key={one.id}>
        <span class="grow">{one.text}</span>
        {one.action && (
          <button
            type="button"
            class="link"
            onClick={() => {
              drop(one.id);
              one.action!.run();
            }}
          >
            {one.action.label}
          </button>
        )}
        <button type="button" class="icon-button" aria-label={t().close} onClick={() => drop(one.id)}>
          <Icon name="close" />
        </button>
      </div>
    ))}
  </div>
);

export const Announcer = () => (
  <div class="aside" role="status" aria-live="polite">
    {announced.value}
  </div>
);
