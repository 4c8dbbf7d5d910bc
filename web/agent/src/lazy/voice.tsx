// A voice note: recorded here, heard before it is sent, sent as the channel takes it.
import { useEffect, useRef, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { newKey } from "../api/http.ts";
import { Icon } from "../parts/icons.tsx";
import { IconButton } from "../parts/small.tsx";
import { queue } from "../store/outbox.ts";
import { say } from "../store/problems.ts";
import { playing } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import type { VoiceProps } from "../view/lazily.tsx";
import { toOgg } from "./voice_ogg.ts";

type Phase = "asking" | "refused" | "missing" | "recording" | "heard" | "sending";

const LONGEST = 10 * 60_000;
const RATE = 32_000;
/** What browsers record that becomes Ogg with Opus without being played and recorded again. */
const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus"];
const kind = (): string | undefined =>
  "MediaRecorder" in globalThis ? KINDS.find((one) => MediaRecorder.isTypeSupported(one)) : undefined;

interface Recording {
  recorder: MediaRecorder;
  stop(): void;
}

const record = async (onDone: (parts: Blob[]) => void): Promise<Recording> => {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
  });
  const recorder = new MediaRecorder(stream, { mimeType: kind()!, audioBitsPerSecond: RATE });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => {
    if (data.size) parts.push(data);
  };
  recorder.onstop = () => {
    for (const one of stream.getTracks()) one.stop(); // the browser's own sign that it listens goes out
    onDone(parts);
  };
  recorder.start();
  return { recorder, stop: () => recorder.state !== "inactive" && recorder.stop() };
};

const asOgg = async (parts: Blob[]): Promise<File | null> => {
  const all = new Uint8Array(await new Blob(parts).arrayBuffer());
  const ogg = kind()!.startsWith("audio/ogg") ? all : toOgg(all);
  return ogg?.length ? new File([ogg as BlobPart], "voice.ogg", { type: "audio/ogg" }) : null;
};

export const Voice = ({ conversation, onClose }: VoiceProps) => {
  const [phase, be] = useState<Phase>("asking");
  const [seconds, count] = useState(0);
  const [problem, complain] = useState("");
  const [note, keep] = useState<{ file: File; url: string; key: string } | null>(null);
  const recording = useRef<Recording | null>(null);
  const gone = useRef(false);
  const kept = useRef("");
  const finished = async (parts: Blob[]): Promise<void> => {
    if (gone.current) return;
    const file = await asOgg(parts);
    if (!file) {
      be("missing");
      return;
    }
    kept.current = URL.createObjectURL(file);
    keep({ file, url: kept.current, key: newKey() });
    be("heard");
  };
  useEffect(() => {
    if (!kind() || !navigator.mediaDevices) {
      be("missing");
      return;
    }
    record((parts) => void finished(parts)).then(
      (begun) => {
        recording.current = begun;
        if (gone.current) begun.stop();
        else be("recording");
      },
      (error: DOMException) => be(error.name === "NotAllowedError" ? "refused" : "missing"),
    );
    return () => {
      gone.current = true;
      recording.current?.stop();
      if (kept.current) URL.revokeObjectURL(kept.current);
    };
  }, []);
  useEffect(() => {
    if (phase !== "recording") return;
    const began = Date.now();
    const timer = setInterval(() => {
      count(Math.floor((Date.now() - began) / 1000));
      if (Date.now() - began > LONGEST) recording.current?.stop();
    }, 250);
    return () => clearInterval(timer);
  }, [phase]);
  const send = async (): Promise<void> => {
    if (!note) return;
    be("sending");
    complain("");
    try {
      const made = await calls.attach(note.file, note.key, true);
      queue({ conversation, kind: "reply", text: "", attachments: [made], mentions: [] });
      onClose();
    } catch (error) {
      complain(say(error));
      be("heard");
    }
  };
  return (
    <div class="voice" role="group" aria-label={t().voiceNote}>
      {phase === "asking" && <p class="soft grow">{t().voiceAsking}</p>}
      {(phase === "refused" || phase === "missing") && (
        <p class="bad-text grow" role="alert">
          {phase === "refused" ? t().voiceRefused : t().voiceMissing}
        </p>
      )}
      {phase === "recording" && (
        <>
          <span class="voice-dot" aria-hidden="true" />
          <span class="grow" role="timer">
            {t().voiceRecording} <span class="when">{playing(seconds)}</span>
          </span>
          <button type="button" class="button primary" autofocus onClick={() => recording.current?.stop()}>
            <Icon name="check" />
            {t().voiceStop}
          </button>
        </>
      )}
      {note && (phase === "heard" || phase === "sending") && (
        <>
          {/* biome-ignore lint/a11y/useMediaCaption: one's own voice, just recorded */}
          <audio class="grow" controls src={note.url} aria-label={t().voiceHear} />
          {problem && (
            <span class="bad-text small" role="alert">
              {problem}
            </span>
          )}
          <button
            type="button"
            class="button primary"
            autofocus
            disabled={phase === "sending"}
            onClick={() => void send()}
          >
            {phase === "sending" ? t().uploading : t().voiceSend}
          </button>
        </>
      )}
      <IconButton icon="close" label={t().voiceDrop} onClick={onClose} />
    </div>
  );
};
