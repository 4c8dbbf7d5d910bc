// What managers ask of the API.
import { get, post, send } from "./http.ts";
import type {
  Campaign,
  CampaignBody,
  CampaignPage,
  CampaignPreview,
  CampaignReport,
  CampaignTrial,
  JsonValue,
  RecipientPage,
  Setting,
  SurveyReport,
  Template,
} from "./types.ts";

const at = (id: string, rest = ""): string => `/campaigns/${id}${rest}`;

export const campaigns = (cursor: string | null): Promise<CampaignPage> =>
  get("/campaigns", { cursor, limit: 30 });
export const campaign = (id: string): Promise<Campaign> => get(at(id));
export const keepCampaign = (id: string, body: CampaignBody, key: string): Promise<Campaign> =>
  id ? send("PUT", at(id), body, key) : post("/campaigns", body, key);
export const dropCampaign = (id: string): Promise<void> => send("DELETE", at(id));
export const previewOf = (id: string, cursor: string | null): Promise<CampaignPreview> =>
  get(at(id, "/preview"), { cursor, limit: 25 });
export const trialOf = (id: string): Promise<CampaignTrial> => get(at(id, "/dry-run"));
export const schedule = (id: string, starts_at: string | null, key: string): Promise<Campaign> =>
  post(at(id, "/schedule"), { starts_at }, key);
export const turn = (id: string, how: "pause" | "resume" | "cancel"): Promise<Campaign> =>
  post(at(id, `/${how}`));
export const reportOf = (id: string): Promise<CampaignReport> => get(at(id, "/report"));
export const recipients = (
  id: string,
  state: string | null,
  cursor: string | null,
  limit = 25,
): Promise<RecipientPage> => get(at(id, "/recipients"), { state, cursor, limit });
export const tableOf = (id: string): string => `/api/v1${at(id, "/report")}?format=csv`;
export const templates = (channel: string): Promise<Template[]> => get(`/channels/${channel}/templates`);

export const settingsOf = (inbox: string): Promise<Setting[]> => get(`/inboxes/${inbox}/settings`);
export const changeSetting = (inbox: string, name: string, value: JsonValue): Promise<Setting> =>
  send("PUT", `/inboxes/${inbox}/settings/${name}`, { value });
export const putBack = (inbox: string, name: string): Promise<Setting> =>
  send("DELETE", `/inboxes/${inbox}/settings/${name}`);

export const surveyReport = (query: {
  first: string;
  last: string;
  timezone: string;
  inbox: string | null;
}): Promise<SurveyReport> => get("/reports/surveys", query);
