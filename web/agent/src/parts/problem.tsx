// An error, said where it happened; what was there before stays.
import { Component, type ComponentChildren } from "preact";
import { requestOf, say } from "../store/problems.ts";
import { t } from "../text/words.ts";
import { Icon } from "./icons.tsx";

export const ProblemBox = ({ error, retry }: { error: unknown; retry: () => void }) => (
  <div class="nothing" role="alert">
    <span class="nothing-icon bad">
      <Icon name="warn" />
    </span>
    <p class="strong">{t().notLoaded}</p>
    <p class="soft">{say(error)}</p>
    {requestOf(error) && <p class="soft small">{t().request(requestOf(error))}</p>}
    <button type="button" class="button" onClick={retry}>
      {t().tryAgain}
    </button>
  </div>
);

/** One column that breaks spares the others. */
export class Fence extends Component<{ children: ComponentChildren; name: string }, { error: unknown }> {
  override state = { error: null as unknown };
  static override getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }
  override componentDidCatch(error: unknown): void {
    setTimeout(() => {
      throw error; // heard by whoever listens for errors of the page
    });
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return <ProblemBox error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
