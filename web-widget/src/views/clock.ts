// A browser's first Intl object costs 10 ms of a computer's time, 40 of a phone's: none is made for today's messages.
let day: Intl.DateTimeFormat | undefined;

/** The time of day, with the date if it isn't today. */
export function clock(time: string): string {
  const moment = new Date(time);
  if (Number.isNaN(moment.getTime())) return "";
  const hour = [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  if (moment.toDateString() === new Date().toDateString()) return hour;
  day ??= new Intl.DateTimeFormat("it-IT", { day: "numeric", month: "short" });
  return `${day.format(moment)}, ${hour}`;
}

/** Date and time, for the downloaded transcript. */
export function dateAndHour(moment: Date): string {
  return moment.toLocaleString("it-IT", { day: "2-digit", month: "2-digit", year: "2-digit", hour: "2-digit", minute: "2-digit" });
}
