// A native dialog, modal: the browser keeps the focus in it and gives it back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../text/words.ts";
import { IconButton } from "./small.tsx";

export const Dialog = (props: {
  title: string;
  onClose: (() => void) | null;
  class?: string;
  children: ComponentChildren;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, by the browser itself
    <dialog
      ref={dialog}
      class={`dialog ${props.class ?? ""}`}
      aria-label={props.title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose?.();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) props.onClose?.();
      }}
    >
      <div class="dialog-box">
        <div class="dialog-head">
          <h2>{props.title}</h2>
          {props.onClose && <IconButton icon="close" label={t().close} onClick={props.onClose} />}
        </div>
        {props.children}
      </div>
    </dialog>
  );
};
