// What opens beside a button: in the top layer, closed by Escape and by a press outside, focus given back.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

const GAP = 4;
const EDGE = 8;

const put = (box: HTMLElement, anchor: DOMRect): void => {
  const { width, height } = box.getBoundingClientRect();
  const rtl = getComputedStyle(box).direction === "rtl";
  const wanted = rtl ? anchor.right - width : anchor.left;
  const fitsRight = wanted + width <= innerWidth - EDGE;
  const left = fitsRight ? wanted : anchor.right - width;
  const below = anchor.bottom + GAP;
  const above = anchor.top - GAP - height;
  const top = below + height <= innerHeight - EDGE || above < EDGE ? below : above;
  box.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  box.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
};

export const Popover = (props: {
  anchor: HTMLElement;
  onClose: () => void;
  class?: string;
  children: ComponentChildren;
}) => {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(props.onClose);
  close.current = props.onClose;
  useLayoutEffect(() => {
    const element = box.current!;
    element.showPopover();
    put(element, props.anchor.getBoundingClientRect());
  }, [props.anchor]);
  useEffect(() => {
    const element = box.current!;
    const anchor = props.anchor;
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") close.current();
    };
    const again = () => put(element, anchor.getBoundingClientRect());
    element.addEventListener("toggle", toggled);
    const seen = new ResizeObserver(again);
    seen.observe(element);
    return () => {
      element.removeEventListener("toggle", toggled);
      seen.disconnect();
      if (element.contains(document.activeElement) || document.activeElement === document.body)
        anchor.focus();
    };
  }, [props.anchor]);
  return (
    <div ref={box} popover="auto" class={`popover ${props.class ?? ""}`}>
      {props.children}
    </div>
  );
};
