package dev.precept.power;

/** What sort of mistake a mutant makes. */
public enum MutantKind {
  /** Two neighbouring checks in the wrong order. */
  SWAP("swap", "two neighbouring checks swapped"),
  /** A check is missing in one mode. */
  DROP("drop", "a check missing in one mode"),
  /** A check is made in a mode as if it were another one. */
  MODE("mode", "a check made as in another mode"),
  /** A condition sees a variable always in the same class. */
  BLIND("blind", "a condition that does not look at a variable"),
  /** A condition sees the neighbour of a variable's value. */
  SHIFT("shift", "a comparison off by one value"),
  /** An exit looks at the bit beside its own. */
  WRONG_BIT("wrong-bit", "an exit that looks at a neighbouring bit"),
  /** Exit bits of the guest that ran before are still in force. */
  STALE("stale", "exit bits of the guest before still in force"),
  /** An exit code or vector is one off. */
  CODE("code", "a wrong exit code or vector"),
  /** One bit of an information field, or of the restored host, is wrong. */
  FIELD("field", "one bit of an information field or of the host's state wrong"),
  /** The instruction pointer has moved, or has not. */
  RIP("rip", "RIP advanced where it must not be, or not where it must"),
  /** A register or flag changes that must not, or changes otherwise. */
  REGISTER("register", "a register or flag wrong in one bit"),
  /** A byte of memory changes that must not, or changes otherwise. */
  MEMORY("memory", "a byte of memory wrong"),
  /** What the instruction or check writes is not written. */
  UNWRITTEN("unwritten", "something not written that has to be");

  private final String word;
  private final String meaning;

  MutantKind(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /** The word that files and the command line use. */
  public String word() {
    return word;
  }

  /** What it says, in a few words. */
  public String meaning() {
    return meaning;
  }
}
