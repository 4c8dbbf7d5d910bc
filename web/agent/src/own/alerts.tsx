// Of what one is told, and where.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Device } from "../api/types.ts";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { type Kind, ring } from "../store/alerts.ts";
import { choose, chosen } from "../store/own.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { dateOnly } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import * as device from "./device.ts";
import { Section, Switch } from "./fields.tsx";

const KINDS: readonly Kind[] = ["messages", "new_conversations", "notices", "chats"];

export const Alerts = () => {
  const { notifications = {} } = chosen.value;
  return (
    <Section title={t().alerts}>
      <Kinds />
      <Volume />
      <Switch
        label={t().preview}
        hint={t().previewWhy}
        on={notifications.preview === true}
        onChange={(preview) => void choose({ notifications: { preview } })}
      />
      <Devices />
    </Section>
  );
};

const Kinds = () => {
  const { sounds = {}, notifications = {} } = chosen.value;
  const notified = notifications.enabled !== false;
  return (
    <table class="told">
      <thead>
        <tr>
          <th scope="col">{t().ofWhat}</th>
          <th scope="col">{t().soundWord}</th>
          <th scope="col">{t().notificationWord}</th>
        </tr>
      </thead>
      <tbody>
        {KINDS.map((kind) => (
          <tr key={kind}>
            <th scope="row">{t().kindsOfAlerts(kind)}</th>
            <td>
              <input
                type="checkbox"
                aria-label={`${t().soundWord}: ${t().kindsOfAlerts(kind)}`}
                checked={sounds[kind] === true}
                onChange={(event) => void choose({ sounds: { [kind]: event.currentTarget.checked } })}
              />
            </td>
            <td>
              <input
                type="checkbox"
                aria-label={`${t().notificationWord}: ${t().kindsOfAlerts(kind)}`}
                checked={notified && notifications[kind] === true}
                onChange={(event) =>
                  void choose({ notifications: { enabled: true, [kind]: event.currentTarget.checked } })
                }
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Volume = () => {
  const volume = chosen.value.sounds?.volume ?? 0;
  return (
    <div class="setting">
      <label class="grow volume">
        {t().volume}
        <input
          type="range"
          min={0}
          max={100}
          step={10}
          value={volume}
          onChange={(event) => void choose({ sounds: { volume: Number(event.currentTarget.value) } })}
        />
      </label>
      <button type="button" class="button" disabled={!volume} onClick={() => ring(volume)}>
        {t().hearIt}
      </button>
    </div>
  );
};

const Devices = () => {
  const loaded = useLoaded<Device[]>(calls.devices, []);
  const known = loaded.value;
  const [here, see] = useState<{ state: device.State; id: string | null } | null>(null);
  const [busy, be] = useState(false);
  useEffect(() => {
    if (known) void device.look(known.map((one) => one.id)).then(see);
  }, [known]);
  const act = async (deed: () => Promise<void>): Promise<void> => {
    be(true);
    await deed().catch((error) => toast(say(error), "bad"));
    be(false);
    loaded.retry();
  };
  const state = device.needsHomeScreen() ? "unsupported" : (here?.state ?? "off");
  const on = state === "push" || state === "page";
  return (
    <>
      <div class="setting">
        <div class="grow">
          {t().thisDevice}
          <span class="soft small block" role="status">
            {here && t().deviceState(state)} {device.needsHomeScreen() && t().homeScreen}
          </span>
        </div>
        {here && state !== "denied" && state !== "unsupported" && (
          <button
            type="button"
            class={`button${on ? "" : " primary"}`}
            disabled={busy}
            onClick={() => void act(on ? () => device.end(here.id) : device.begin)}
          >
            {on ? t().stopHere : t().notifyMe}
          </button>
        )}
      </div>
      <NotLoaded of={loaded} />
      {known && known.length > 0 && (
        <ul class="devices" aria-label={t().otherDevices}>
          {known.map((one) => (
            <li class="setting" key={one.id}>
              <span class="grow">
                <bdi>{t().deviceNamed(one.label, one.id === here?.id)}</bdi>
                <span class="soft small block">{t().deviceSince(one.service, dateOnly(one.created_at))}</span>
              </span>
              <button
                type="button"
                class="button"
                disabled={busy}
                aria-label={t().removeDevice(one.label || one.service)}
                onClick={() =>
                  void act(() => (one.id === here?.id ? device.end(one.id) : calls.dropDevice(one.id)))
                }
              >
                {t().removeWord}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
};
