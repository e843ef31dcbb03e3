import { texts } from "../texts.js";

/** The format of a day in the language spoken last: each costs ten times as much as its use. */
let days: { lang: string; format: Intl.DateTimeFormat } | undefined;

/** The time of day, with the date if it isn't today. */
export function clock(time: string): string {
  const moment = new Date(time);
  if (Number.isNaN(moment.getTime())) return "";
  // A browser's first Intl object costs 10 ms of a computer's time, 40 of a phone's: none is made for today's messages.
  const hour = moment.toTimeString().slice(0, 5);
  if (moment.toDateString() === new Date().toDateString()) return hour;
  if (days?.lang !== texts.lang) days = { lang: texts.lang, format: new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short" }) };
  return `${days.format.format(moment)}, ${hour}`;
}

/** Date and time, for the downloaded transcript. */
export function dateAndHour(moment: Date): string {
  return moment.toLocaleString(locale());
}

/** The language, with the digits of a request's number. */
function locale(): string {
  return `${texts.lang}-u-nu-latn`;
}
