package dev.precept.report;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * What a run set out to do, known before its first case.
 *
 * @param subject the implementation under test, such as {@code core}
 * @param version Precept's version
 * @param command the command line, so that it can be repeated
 * @param vendors vendors whose tables were used
 * @param tablesHash SHA-256 over the tables, in hex: equal hashes make runs comparable
 * @param started start of the run, ISO 8601 in UTC
 * @param planned number of cases the run set out to run
 * @param rerun the command that runs cases of this run again, for a selection to follow: {@code
 *     ./precept gate --tables 'my-tables'}; empty in files of before it was recorded
 * @param implementation what the subject says it is, name and version; empty where the subject's
 *     word says it all
 */
public record RunInfo(
    String subject,
    String version,
    String command,
    List<String> vendors,
    String tablesHash,
    String started,
    int planned,
    String rerun,
    String implementation) {
  public RunInfo {
    subject = Texts.orEmpty(subject);
    version = Texts.orEmpty(version);
    command = Texts.orEmpty(command);
    vendors = vendors == null ? List.of() : List.copyOf(vendors);
    tablesHash = Texts.orEmpty(tablesHash);
    started = Texts.orEmpty(started);
    rerun = Texts.orEmpty(rerun);
    implementation = Texts.orEmpty(implementation);
  }

  /** Of a run that died before it could say anything. */
  public static final RunInfo UNKNOWN = new RunInfo("", "", "", List.of(), "", "", 0, "", "");

  /** The subject for people: {@code exec:./tiny (tiny 1.0)}. */
  @JsonIgnore
  public String subjectText() {
    return implementation.isEmpty() ? subject : subject + " (" + implementation + ")";
  }
}
