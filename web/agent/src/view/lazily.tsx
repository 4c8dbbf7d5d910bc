// What is loaded when it is wanted first.
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Popover } from "../parts/popover.tsx";
import { IconButton } from "../parts/small.tsx";
import { toast } from "../store/say.ts";
import type { Thread } from "../store/threads.ts";
import { learnMore, t } from "../text/words.ts";

type Later = typeof import("../lazy/all.ts");

/** All that is not needed to begin, with its words. */
export const later = async (): Promise<Later> => {
  const [views] = await Promise.all([import("../lazy/all.ts"), learnMore()]);
  return views;
};

type Own = typeof import("../own/own.ts");
/** One's own settings. */
export const laterOwn = async (): Promise<Own> => {
  const [views] = await Promise.all([import("../own/own.ts"), learnMore()]);
  return views;
};

type Managing = typeof import("../managing/managing.ts");
/** What managers look after, with words of its own. */
export const laterManaging = async (): Promise<Managing> => {
  const [views] = await Promise.all([import("../managing/managing.ts"), learnMore()]);
  await views.learnManaging();
  return views;
};

/** A view from a chunk of its own. An old page whose chunk is gone after an update says so instead of breaking. */
export const useLazy = <P,>(load: () => Promise<ComponentType<P>>): ComponentType<P> | null => {
  const [view, put] = useState<ComponentType<P> | null>(null);
  useEffect(() => {
    let stale = false;
    load().then(
      (found) => {
        if (!stale) put(() => found);
      },
      () => toast(t().newVersion, "bad", { label: t().reload, run: () => location.reload() }),
    );
    return () => {
      stale = true;
    };
  }, []);
  return view;
};

export interface AssistantProps {
  thread: Thread;
  draft: string;
  onTake: (text: string) => void;
  onClose: () => void;
}

export const LazyAssistant = (props: AssistantProps) => {
  const View = useLazy<AssistantProps>(async () => (await later()).Assistant);
  return View ? <View {...props} /> : null;
};

export interface VoiceProps {
  conversation: string;
  onClose: () => void;
}

export const LazyVoice = (props: VoiceProps) => {
  const View = useLazy<VoiceProps>(async () => (await later()).Voice);
  return View ? <View {...props} /> : null;
};

const EmojiList = ({ onPick }: { onPick: (emoji: string) => void }) => {
  const View = useLazy<{ onPick: (emoji: string) => void }>(async () => (await later()).Emoji);
  return View ? <View onPick={onPick} /> : <div class="emoji" />;
};

export const LazyEmoji = ({ onPick }: { onPick: (emoji: string) => void }) => {
  const [open, put] = useState(false);
  const anchor = useRef<HTMLElement | null>(null);
  return (
    <>
      <IconButton
        icon="smile"
        label={t().emoji}
        expanded={open}
        onClick={(event) => {
          anchor.current = event.currentTarget as HTMLElement;
          put(!open);
        }}
      />
      {open && anchor.current && (
        <Popover anchor={anchor.current} onClose={() => put(false)}>
          <EmojiList
            onPick={(emoji) => {
              put(false);
              requestAnimationFrame(() => onPick(emoji));
            }}
          />
        </Popover>
      )}
    </>
  );
};
