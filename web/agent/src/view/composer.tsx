// Where one answers, or leaves a note for colleagues.
import { useSignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { isComposing } from "../keys/ime.ts";
import { insertAt } from "../keys/insert.ts";
import { registerComposer } from "../keys/reach.ts";
import { IconButton } from "../parts/small.tsx";
import { change, clearDraft, draftOf, type Kind } from "../store/drafts.ts";
import { nameOf } from "../store/names.ts";
import { queue } from "../store/outbox.ts";
import { rowOf } from "../store/rows.ts";
import { toast } from "../store/say.ts";
import { agents, channelOf, inboxOf } from "../store/session.ts";
import { enterSends } from "../store/settings.ts";
import type { Thread } from "../store/threads.ts";
import { t } from "../text/words.ts";
import { AttachButton, AttachedFiles, addFiles, clearUploads, uploading } from "./attach.tsx";
import { CannedButton, cannedOf, fillCanned, loadCanned } from "./canned.tsx";
import { Counter } from "./counter.tsx";
import { LazyAssistant, LazyEmoji, LazyVoice } from "./lazily.tsx";
import { MentionChooser } from "./mention.tsx";
import { Blocked, Window } from "./refusal.tsx";
import { SurveyButton } from "./survey.tsx";

const TYPING = 4_000;
const phone = matchMedia("(pointer: coarse) and (max-width: 767px)");
const onPhone = (): boolean => phone.matches;

export const Composer = ({ thread }: { thread: Thread }) => {
  const id = thread.id;
  const [kind, choose] = useState<Kind>("reply");
  const box = useRef<HTMLTextAreaElement>(null);
  const drafting = draftOf(id, kind).value;
  const detail = thread.detail.value;
  const row = rowOf(id)?.value;
  const mentioning = useSignal(-1);
  const [canning, can] = useState(-1);
  const [assisting, assist] = useState(false);
  const [speaking, speak] = useState(false);
  const said = useRef(0);
  const together = row?.world !== "private";
  const allowed = kind === "note" || (detail?.can_send.allowed ?? true);
  useEffect(
    () =>
      registerComposer({
        focus: (wanted) => {
          if (wanted === "reply" || together) choose(wanted);
          requestAnimationFrame(() => box.current?.focus());
        },
      }),
    [id, together],
  );
  if (!row) return null;
  const channel = channelOf(row.channel.id);
  // What is not in the plan is absent, not grey.
  const has = (feature: string): boolean => inboxOf(row.inbox.id)?.features.includes(feature) ?? true;
  const ready =
    (drafting.text.trim() !== "" || drafting.attachments.length > 0) && allowed && !uploading(id).value;
  const send = (): void => {
    if (!ready) return;
    const { text, attachments } = draftOf(id, kind).peek();
    const members = new Set(inboxOf(row.inbox.id)?.member_ids ?? []);
    const mentions =
      kind === "note"
        ? agents.peek().filter((one) => members.has(one.id) && text.includes(`@${one.name}`))
        : [];
    queue({
      conversation: id,
      kind,
      text: text.trim(),
      attachments,
      mentions: mentions.map((one) => one.id),
    });
    clearDraft(id, kind);
    clearUploads(id);
    box.current?.focus();
  };
  const typed = (value: string): void => {
    change(id, kind, { text: value });
    if (kind === "note" || Date.now() - said.current < TYPING || !value) return;
    said.current = Date.now();
    calls.typing(id).catch(() => {});
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const element = box.current!;
    const before = element.value.slice(0, element.selectionStart);
    if (event.key === "Enter" && !event.shiftKey) {
      const modified = event.ctrlKey || event.metaKey;
      if (!modified && (enterSends.value === "off" || onPhone())) return;
      event.preventDefault();
      if (!event.repeat) send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      element.blur();
    } else if (event.key === "/" && kind === "reply" && has("canned") && /(^|\n)$/.test(before)) {
      event.preventDefault();
      can(element.selectionStart);
    } else if (event.key === "@" && kind === "note" && /(^|\s)$/.test(before)) {
      event.preventDefault();
      mentioning.value = element.selectionStart;
    } else if (event.key === "Tab" && !event.shiftKey && kind === "reply") {
      const canned = cannedOf(id).value?.find(
        (one) => one.phrase && one.phrase.toLocaleLowerCase() === element.value.trim().toLocaleLowerCase(),
      );
      if (!canned) return;
      event.preventDefault();
      void fillCanned(id, canned.key, row.contact.id).then(
        (text) => text && insertAt(element, text, 0, element.value.length),
      );
    }
  };
  const phrase =
    kind === "reply"
      ? cannedOf(id).value?.find(
          (one) => one.phrase?.toLocaleLowerCase() === drafting.text.trim().toLocaleLowerCase(),
        )
      : undefined;
  const insert = (text: string): void => {
    if (box.current) insertAt(box.current, text);
  };
  return (
    <form
      class={`composer ${kind}`}
      aria-label={t().write}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        if (kind === "reply") void addFiles(id, channel, event.dataTransfer?.files ?? null);
      }}
    >
      <div class="composer-head">
        <div class="composer-tabs" role="radiogroup" aria-label={t().write}>
          {(["reply", ...(together ? (["note"] as const) : [])] as const).map((one) => (
            <button
              type="button"
              role="radio"
              key={one}
              aria-checked={kind === one}
              title={`${t().kind(one)}  (${one === "reply" ? "r" : "n"})`}
              onClick={() => {
                choose(one);
                box.current?.focus();
              }}
            >
              {t().kind(one)}
            </button>
          ))}
        </div>
        <span class="grow" />
        {!together && <span class="soft small cut">{t().onlyYou}</span>}
        <Window thread={thread} kind={kind} />
      </div>
      {!allowed && detail && <Blocked thread={thread} />}
      <AttachedFiles conversation={id} kind={kind} />
      <textarea
        ref={box}
        class="composer-box"
        dir="auto"
        rows={2}
        maxLength={65_536}
        aria-label={kind === "reply" ? t().replyTo(nameOf(row)) : t().noteFor}
        placeholder={kind === "reply" ? t().replyTo(nameOf(row)) : t().noteFor}
        value={drafting.text}
        enterkeyhint={onPhone() ? "enter" : "send"}
        onFocus={() => has("canned") && void loadCanned(id)}
        onInput={(event) => typed(event.currentTarget.value)}
        onKeyDown={press}
        onPaste={(event) => {
          if (kind === "reply" && event.clipboardData?.files.length) {
            event.preventDefault();
            void addFiles(id, channel, event.clipboardData.files);
          }
        }}
      />
      <div class="composer-tools">
        {kind === "reply" && (
          <>
            {(channel?.capabilities?.attachments.count ?? 1) > 0 && (
              <AttachButton conversation={id} channel={channel} />
            )}
            <LazyEmoji onPick={insert} />
            {channel?.capabilities?.voice_notes && allowed && (
              <IconButton
                icon="mic"
                label={t().voiceNote}
                expanded={speaking}
                onClick={() => speak(!speaking)}
              />
            )}
            {has("canned") && (
              <CannedButton
                conversation={id}
                open={canning >= 0}
                onOpen={(open) => {
                  can(open ? (box.current?.selectionStart ?? 0) : -1);
                  if (!open) requestAnimationFrame(() => box.current?.focus());
                }}
                onText={(text) => {
                  const from = canning;
                  can(-1);
                  requestAnimationFrame(() => box.current && insertAt(box.current, text, from, from));
                }}
              />
            )}
            {has("assistant") && (
              <IconButton
                icon="spark"
                label={t().assistant}
                expanded={assisting}
                onClick={() => assist(!assisting)}
              />
            )}
            {has("survey") && <SurveyButton conversation={id} />}
          </>
        )}
        {mentioning.value >= 0 && box.current && (
          <MentionChooser
            anchor={box.current}
            inbox={row.inbox.id}
            onClose={() => {
              mentioning.value = -1;
            }}
            onPick={(name) => {
              const from = mentioning.peek();
              mentioning.value = -1;
              requestAnimationFrame(() => box.current && insertAt(box.current, `@${name} `, from, from));
            }}
          />
        )}
        <span class="grow" />
        {phrase && (
          <span class="soft small hide-phone">
            <kbd>Tab</kbd> {t().fillsIn}
          </span>
        )}
        {kind === "reply" && allowed && (
          <Counter conversation={id} text={drafting.text} files={drafting.attachments} />
        )}
        {!phrase && enterSends.value === "on" && !drafting.text && (
          <span class="soft small hide-phone">{t().enterSends}</span>
        )}
        <button type="submit" class="button primary" disabled={!ready}>
          {kind === "reply" ? t().send : t().keepNote}
        </button>
      </div>
      {speaking && kind === "reply" && (
        <LazyVoice
          conversation={id}
          onClose={() => {
            speak(false);
            box.current?.focus();
          }}
        />
      )}
      {assisting && (
        <LazyAssistant
          thread={thread}
          draft={drafting.text}
          onClose={() => {
            assist(false);
            box.current?.focus();
          }}
          onTake={(text) => {
            assist(false);
            change(id, "reply", { text });
            requestAnimationFrame(() => box.current?.focus());
            toast(t().takenToEdit);
          }}
        />
      )}
    </form>
  );
};
