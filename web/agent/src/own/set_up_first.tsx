// Who needs a second factor and has none sets it up before anything else.
import { useState } from "preact/hooks";
import { begin } from "../store/begin.ts";
import { all as t } from "../text/words.ts";
import { Recovery, SetUp } from "./factor.tsx";

export const SetUpFirst = () => {
  const [codes, show] = useState<readonly string[]>([]);
  return (
    <div class="sign-in-box set-up">
      <h1>{t().factor}</h1>
      {codes.length ? (
        <Recovery codes={codes} onDone={() => void begin()} />
      ) : (
        <>
          <p class="soft">{t().factorWhy}</p>
          <SetUp onDone={show} />
        </>
      )}
    </div>
  );
};
