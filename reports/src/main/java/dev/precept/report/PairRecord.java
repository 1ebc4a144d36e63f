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

  /**
   * What is known of a pair. The counts of all of them add up to the number of pairs. Reports take
   * words, labels and order from here: another status needs a line here and a drawing in the page.
   */
  public enum Status {
    /** A case arms both, it ran, and the earlier check won. */
    TESTED("tested", "tested and in order", "tested", true),
    /** A case arms both, it ran, and the subject broke the order or the outcome. */
    VIOLATED("violated", "tested and violated", "tested", false),
    /** Proven: no state arms both. */
    IMPOSSIBLE("impossible", "proven impossible", "proven impossible", true),
    /** The manual leaves the order open. */
    OPEN("open", "open", "open", true),
    /** Both can be armed, but only together with a third check that comes before them. */
    MASKED("masked", "masked by an earlier check", "masked", false),
    /** Both can be armed, and what is seen is the same whichever wins. */
    INDISTINGUISHABLE("indistinguishable", "with the same outcome", "indistinguishable", false),
    /** A case arms both, but it gave no outcome to judge (not applicable, no answer, crash). */
    NOT_RUN("not-run", "not run", "not run", false);

    private final String word;
    private final String label;
    private final String inSum;
    private final boolean always;

    Status(String word, String label, String inSum, boolean always) {
      this.word = word;
      this.label = label;
      this.inSum = inSum;
      this.always = always;
    }

    /** What it says, in a few words that can follow a count. */
    public String label() {
      return label;
    }

    /** The part of a sum over all pairs that it counts for: tested pairs are that, however. */
    String inSum() {
      return inSum;
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
