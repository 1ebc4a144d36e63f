package dev.precept.junit;

/** How cases go to a subject. Random states go one by one in any event. */
public enum Batching {
  /** Each when its test comes to it, for subjects in this process. */
  NONE,
  /**
   * All of an instruction form when the first of its tests comes to it, by the worker that runs it:
   * for subjects that are quicker when they get many. Results come as the run goes on.
   */
  FORM,
  /** All of them before the first test, by one subject: for subjects that are slow to start. */
  ALL
}
