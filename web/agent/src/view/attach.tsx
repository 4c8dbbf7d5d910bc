// Files: picked, pasted or dropped; uploaded at once, sent with the message.
import { type Signal, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { newKey } from "../api/http.ts";
import type { Channel } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { IconButton, Size } from "../parts/small.tsx";
import { change, draftOf, type Kind } from "../store/drafts.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { bytes } from "../text/format.ts";
import { t } from "../text/words.ts";

interface Upload {
  key: string;
  file: File;
  error: string;
}

const uploads = new Map<string, Signal<readonly Upload[]>>();

const of = (conversation: string): Signal<readonly Upload[]> => {
  let found = uploads.get(conversation);
  if (!found) uploads.set(conversation, (found = signal<readonly Upload[]>([])));
  return found;
};

export const uploading = (conversation: string): { value: boolean } => ({
  get value() {
    return of(conversation).value.some((one) => !one.error);
  },
});

export const clearUploads = (conversation: string): void => {
  of(conversation).value = [];
};

/** What the channel takes is known before anything is uploaded. */
const refusal = (file: File, channel: Channel | null, already: number): string => {
  const limits = channel?.capabilities?.attachments;
  if (!limits) return "";
  if (limits.count && already >= limits.count) return t().tooManyFiles(limits.count);
  const kind = file.type.split("/")[0] ?? "";
  const most = limits.size_by_kind[kind] ?? limits.size_each;
  if (most && file.size > most) return t().tooBig(file.name, bytes(most));
  return "";
};

export const addFiles = async (
  conversation: string,
  channel: Channel | null,
  files: FileList | null,
): Promise<void> => {
  const list = of(conversation);
  await Promise.all(
    [...(files ?? [])].map(async (file, i) => {
      const already = draftOf(conversation, "reply").peek().attachments.length + list.peek().length;
      const why = refusal(file, channel, already + i * 0);
      if (why) return toast(why, "bad");
      const one: Upload = { key: newKey(), file, error: "" };
      list.value = [...list.peek(), one];
      return start(conversation, one);
    }),
  );
};

const start = async (conversation: string, one: Upload): Promise<void> => {
  const list = of(conversation);
  list.value = list.peek().map((other) => (other.key === one.key ? { ...other, error: "" } : other));
  try {
    const made = await calls.attach(one.file, one.key);
    if (!list.peek().some((other) => other.key === one.key)) return;
    list.value = list.peek().filter((other) => other.key !== one.key);
    change(conversation, "reply", {
      attachments: [...draftOf(conversation, "reply").peek().attachments, made],
    });
  } catch (error) {
    const why = say(error);
    list.value = list.peek().map((other) => (other.key === one.key ? { ...other, error: why } : other));
  }
};

export const AttachedFiles = ({ conversation, kind }: { conversation: string; kind: Kind }) => {
  const there = draftOf(conversation, kind).value.attachments;
  const coming = kind === "reply" ? of(conversation).value : [];
  if (!there.length && !coming.length) return null;
  const drop = (id: string): void =>
    change(conversation, kind, { attachments: there.filter((one) => one.id !== id) });
  return (
    <ul class="attached" aria-label={t().attachedFiles}>
      {there.map((one) => (
        <li key={one.id} class="attached-file">
          {one.mime.startsWith("image/") ? (
            <img src={one.url} alt="" width={28} height={28} />
          ) : (
            <Icon name="file" />
          )}
          <span class="cut">
            <bdi>{one.name ?? t().kinds(one.kind)}</bdi>
          </span>
          <Size of={one.size} />
          <IconButton icon="close" label={t().removeFile(one.name ?? "")} onClick={() => drop(one.id)} />
        </li>
      ))}
      {coming.map((one) => (
        <li key={one.key} class={`attached-file ${one.error ? "bad" : "pending"}`}>
          <Icon name={one.error ? "warn" : "clip"} />
          <span class="cut">
            <bdi>{one.file.name}</bdi>
          </span>
          <span class="soft small">{one.error || t().uploading}</span>
          {one.error && (
            <button type="button" class="link" onClick={() => void start(conversation, one)}>
              {t().tryAgain}
            </button>
          )}
          <IconButton
            icon="close"
            label={t().removeFile(one.file.name)}
            onClick={() => {
              of(conversation).value = coming.filter((other) => other.key !== one.key);
            }}
          />
        </li>
      ))}
    </ul>
  );
};

export const AttachButton = ({
  conversation,
  channel,
}: {
  conversation: string;
  channel: Channel | null;
}) => (
  <label class="icon-button" title={t().attach}>
    <AttachIcon />
    <input
      type="file"
      multiple
      class="aside"
      aria-label={t().attach}
      onChange={(event) => {
        void addFiles(conversation, channel, event.currentTarget.files);
        event.currentTarget.value = "";
      }}
    />
  </label>
);

const AttachIcon = () => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d="M19 11l-7.500 7.500a4 4 0 0 1-6-6L13 5a2.700 2.700 0 0 1 4 4l-7.500 7.500a1.200 1.200 0 0 1-2-2L14 8" />
  </svg>
);
