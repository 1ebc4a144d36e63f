package dev.precept.junit;

import dev.precept.tables.InstructionForm;

/** What a {@link Claim} says, or what is said of a form's random states. */
record ClaimText(
    String kind,
    String text,
    String expect,
    String first,
    String second,
    String source,
    String row,
    String reveals) {

  /** Kind of random runs. */
  static final String RANDOM = "random";

  static ClaimText of(Claim claim) {
    return new ClaimText(
        claim.kind(),
        claim.text(),
        claim.expect(),
        claim.first(),
        claim.second(),
        claim.source(),
        claim.row(),
        claim.reveals());
  }

  /** The claim of a form's random run. */
  static ClaimText random(InstructionForm form) {
    return new ClaimText(
        RANDOM,
        form.mnemonic() + " takes its checks in order in every state",
        "what the tables say",
        "",
        "",
        form.citation().text(),
        form.origin().file() + ":" + form.origin().line(),
        "an order that only a combination of states shows");
  }
}
