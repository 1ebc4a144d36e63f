package dev.precept.cases;

/** Where the instruction under test runs. */
public enum Context {
  /** In a guest entered by VMRUN or VMLAUNCH; the control block is in the case's memory. */
  GUEST,
  /** Outside any guest, on the state of the case loaded directly. */
  HOST
}
