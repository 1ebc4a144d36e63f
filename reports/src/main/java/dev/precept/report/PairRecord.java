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

  /** What is known of a pair. The counts of all of them add up to the number of pairs. */
  public enum Status {
    /** A case arms both, it ran, and the earlier check won. */
    TESTED("tested"),
    /** As tested, but both bring about the same, so that which of them won cannot be seen. */
    ALIKE("alike"),
    /** A case arms both, it ran, and the subject broke the order or the outcome. */
    VIOLATED("violated"),
    /** Proven: no state arms both. */
    IMPOSSIBLE("impossible"),
    /** The manual leaves the order open. */
    OPEN("open"),
    /** Both can be armed, but only together with a third check that comes before them. */
    MASKED("masked"),
    /** A case arms both, but it gave no outcome to judge (not applicable, no answer, crash). */
    NOT_RUN("not-run");

    private final String word;

    Status(String word) {
      this.word = word;
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
