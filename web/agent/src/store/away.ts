// Away to the sign-in provider and back to where one was. Kept in this tab alone, and only ever a place of this page.
const KEPT = "casella.away";
const HOME = "/app/";

export const goAway = (): void => {
  try {
    sessionStorage.setItem(KEPT, location.pathname + location.search);
  } catch {
    // A browser that keeps nothing begins at the beginning.
  }
};

export const comeBack = (): void => {
  try {
    const kept = sessionStorage.getItem(KEPT) ?? "";
    sessionStorage.removeItem(KEPT);
    if (location.pathname === HOME && kept.startsWith(HOME)) history.replaceState(null, "", kept);
  } catch {
    // The same.
  }
};
