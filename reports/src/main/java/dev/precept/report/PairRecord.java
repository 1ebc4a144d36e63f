package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What became of one ordered pair of an instruction form's checks in one mode.
 *
 * @param vendor {@code svm} or {@code vmx}
 * @param form {@code InstructionForm.id()}, such as {@code lmsw.mem}
 * @param mode mode word
 * @param first id of the check that comes earlier in the table
 * @param second id of the other check
 * @param status what is known of the pair
 * @param caseId the case that arms both, empty where there is none
 * @param reason for {@code impossible}: why no state arms both; for {@code open} and {@code
 *     masked}: why the order is not claimed; else empty
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PairRecord(
    String vendor,
    String form,
    String mode,
    String first,
    String second,
    Status status,
    String caseId,
    String reason) {

  public PairRecord {
    vendor = Texts.orEmpty(vendor);
    form = Texts.orEmpty(form);
    mode = Texts.orEmpty(mode);
    first = Texts.orEmpty(first);
    second = Texts.orEmpty(second);
    if (status == null) {
      throw new IllegalArgumentException(
          "pair " + first + " > " + second + " of " + form + " has no status");
    }
    caseId = Texts.orEmpty(caseId);
    reason = Texts.orEmpty(reason);
  }

  /** The parts of a sum over all pairs. */
  enum Sort {
    /** A case armed both and ran. */
    TESTED("tested"),
    /** The search proved that no state shows which of them wins. */
    PROVEN("proven never to meet"),
    /** A case arms both and was not run. */
    NOT_RUN("not run");

    private final String label;

    Sort(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /**
   * What is known of a pair. The counts of all of them add up to the number of pairs. Reports take
   * words, labels and order from here: another status needs a line here and a drawing in the page.
   */
  public enum Status {
    /** A case arms both, it ran, and the earlier check won. */
    TESTED("tested", "tested and in order", "in order", Sort.TESTED, true),
    /** A case arms both, it ran, and the subject broke the order or the outcome. */
    VIOLATED("violated", "tested and violated", "violated", Sort.TESTED, false),
    /** Both can be armed, and what is seen is the same whichever wins. */
    INDISTINGUISHABLE(
        "indistinguishable",
        "tested, with the same outcome",
        "indistinguishable",
        Sort.TESTED,
        false),
    /** The manual leaves the order open. */
    OPEN("open", "tested, the order open", "open", Sort.TESTED, true),
    /** Proven: no state arms both. */
    IMPOSSIBLE("impossible", "proven impossible", "impossible", Sort.PROVEN, true),
    /** Both can be armed, but only together with a third check that comes before them. */
    MASKED("masked", "masked by an earlier check", "masked", Sort.PROVEN, false),
    /** A case arms both, but it gave no outcome to judge (not applicable, no answer, crash). */
    NOT_RUN("not-run", "not run", "not run", Sort.NOT_RUN, false);

    private final String word;
    private final String label;
    private final String inSum;
    private final Sort sort;
    private final boolean always;

    Status(String word, String label, String inSum, Sort sort, boolean always) {
      this.word = word;
      this.label = label;
      this.inSum = inSum;
      this.sort = sort;
      this.always = always;
    }

    /** What it says, in a few words that can follow a count. */
    public String label() {
      return label;
    }

    /** What it is called inside its part of a sum over all pairs. */
    String inSum() {
      return inSum;
    }

    /** The part of a sum over all pairs that it counts for. */
    Sort sort() {
      return sort;
    }

    /** Whether a sum names it even where it has no pair. */
    boolean always() {
      return always;
    }

    /** The word files and reports use. */
    @JsonValue
    public String word() {
      return word;
    }

    /**
     * The status called {@code word}.
     *
     * @throws IllegalArgumentException if there is none
     */
    @JsonCreator
    public static Status of(String word) {
      for (Status status : values()) {
        if (status.word.equals(word)) {
          return status;
        }
      }
      throw new IllegalArgumentException("no pair status is called '" + word + "'");
    }
  }
}
