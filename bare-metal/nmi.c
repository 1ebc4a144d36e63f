/* NMI blocking and GIF, which a case can begin with and change, and alarms that come late. */
#include "case.h"

/* Blocks NMIs, as a handler does that has not come to its IRET; a VMCS says that for itself. */
void block_nmi(void) {
  if (cpu_vmx) {
    return;
  }
  stgi();
  nmi_keep = 1;
  nmi_arrives();
  clgi();
}

/* GIF and NMI blocking as the case left them; both are as between cases afterwards. */
u32 probe(void) {
  u32 marks = MARK_PROBED;
  if (nmi_arrives()) {
    return marks | MARK_GIF;
  }
  if (cpu_svm) {
    stgi();
  }
  if (!nmi_seen) {
    for (u32 i = 0; i < 100 && !nmi_seen; i++) {
      pause();
    }
  }
  if (!nmi_seen) {
    marks |= MARK_MASKED;
    nmi_unblock();
    for (u32 i = 0; i < 100 && !nmi_seen; i++) {
      pause();
    }
  }
  return marks;
}

/*
 * An alarm that came too late must not hit the next case; and an NMI that the guest took, an alarm or one
 * of its own, has blocked NMIs, because nothing there executes an IRET.
 */
void drain_alarm(void) {
  alarm_disarm();
  if (cpu_svm) {
    stgi();
  }
  nmi_unblock();
  for (u32 i = 0; i < 50; i++) {
    pause();
  }
}
