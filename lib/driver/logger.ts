/** One line of prose on the driver's standard error, for whoever debugs a task. */
export type Logger = (line: string) => void;
