import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Shown only when it takes longer than an eye notices: what comes at once must not flicker. */
export const Slowly = ({ children }: { children: ComponentChildren }) => {
  const [late, be] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => be(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return late ? <>{children}</> : null;
};
