const hour = new Intl.DateTimeFormat("it-IT", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("it-IT", { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat("it-IT", { day: "2-digit", month: "2-digit", year: "2-digit", hour: "2-digit", minute: "2-digit" });

/** The time of day, with the date if it isn't today. */
export function clock(time: string): string {
  const moment = new Date(time);
  if (Number.isNaN(moment.getTime())) return "";
  const today = moment.toDateString() === new Date().toDateString();
  return today ? hour.format(moment) : `${day.format(moment)}, ${hour.format(moment)}`;
}

/** Date and time, for the downloaded transcript. */
export function dateAndHour(moment: Date): string {
  return full.format(moment);
}
