// A file: pictures, sound and film are shown, everything else is offered for download.
import type { Attachment } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { Size } from "../parts/small.tsx";
import { t } from "../text/words.ts";

const WIDEST = 280;
const HIGHEST = 280;

/** The room it will take, before it is there: nothing jumps when it comes. */
const room = (one: Attachment): { width: number; height: number } => {
  const [width, height] = [one.width || 220, one.height || 160];
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
};

export const AttachmentView = ({ attachment: one }: { attachment: Attachment }) => {
  if (one.state === "failed") return <p class="file soft">{t().fileLost}</p>;
  if (one.state === "pending") return <p class="file soft">{t().fileComing}</p>;
  const name = one.name ?? t().kinds(one.kind);
  if ((one.kind === "image" || one.kind === "sticker") && one.mime.startsWith("image/")) {
    const { width, height } = room(one);
    return (
      <a
        class="picture"
        href={one.url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t().openFile(name)}
      >
        <img
          src={one.thumbnail_url ?? one.url}
          alt={name}
          width={width}
          height={height}
          loading="lazy"
          decoding="async"
        />
      </a>
    );
  }
  if (one.kind === "audio" || one.kind === "voice")
    // biome-ignore lint/a11y/useMediaCaption: a customer's voice note has no captions
    return <audio controls preload="metadata" src={one.url} aria-label={name} />;
  // biome-ignore lint/a11y/useMediaCaption: a customer's film has no captions
  if (one.kind === "video") return <video controls preload="metadata" src={one.url} aria-label={name} />;
  return (
    <a class="file" href={one.url} download={name}>
      <Icon name="file" />
      <span class="grow cut">
        <bdi>{name}</bdi>
      </span>
      <Size of={one.size} />
    </a>
  );
};
