package dev.precept.junit;

import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.tables.Tables;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What to run, on what.
 *
 * @param tables checked tables, one for each vendor
 * @param out folder for generated sources and their classes
 * @param only pattern over case ids ({@code *} any text, {@code ?} one character); empty: all
 * @param instructions instruction slugs or form ids; empty: all
 * @param kinds words of {@code CaseKind}, and {@code random}; empty: all
 * @param selection what else must hold of a case id, such as a shard or a list of failed cases
 * @param share part of what is selected to run
 * @param subjects makes a subject for each thread
 * @param batching how cases go to the subject
 * @param tries random states a form; 0 for none
 * @param threads threads that run tests, at least 1
 */
public record SuiteOptions(
    List<Tables> tables,
    Path out,
    String only,
    Set<String> instructions,
    Set<String> kinds,
    Predicate<String> selection,
    Share share,
    Supplier<Subject> subjects,
    Batching batching,
    int tries,
    int threads) {

  /** Random states a form where nobody says otherwise. */
  public static final int DEFAULT_TRIES = 100;

  /** Everything, on the emulator core, with all processors. */
  public static SuiteOptions all(List<Tables> tables, Path out) {
    return new SuiteOptions(
        List.copyOf(tables),
        out,
        "",
        Set.of(),
        Set.of(),
        id -> true,
        Share.WHOLE,
        CoreSubject::new,
        Batching.NONE,
        DEFAULT_TRIES,
        Runtime.getRuntime().availableProcessors());
  }

  /** The same for ids that match {@code glob}. */
  public SuiteOptions only(String glob) {
    return with(to -> to.only = glob);
  }

  /** The same for some instructions or forms. */
  public SuiteOptions instructions(Set<String> some) {
    return with(to -> to.instructions = Set.copyOf(some));
  }

  /** The same for some kinds. */
  public SuiteOptions kinds(Set<String> some) {
    return with(to -> to.kinds = Set.copyOf(some));
  }

  /** The same for ids of which {@code more} holds too. */
  public SuiteOptions and(Predicate<String> more) {
    return with(to -> to.selection = selection.and(more));
  }

  /** The same, but only {@code part} of it. */
  public SuiteOptions share(Share part) {
    return with(to -> to.share = part);
  }

  /** The same on another subject, which gets the cases one by one or all of them beforehand. */
  public SuiteOptions subject(Supplier<Subject> other, boolean inBatches) {
    return subject(other, inBatches ? Batching.ALL : Batching.NONE);
  }

  /** The same on another subject. */
  public SuiteOptions subject(Supplier<Subject> other, Batching how) {
    return with(
        to -> {
          to.subjects = other;
          to.batching = how;
        });
  }

  /** The same with {@code number} random states a form. */
  public SuiteOptions tries(int number) {
    return with(to -> to.tries = number);
  }

  /** The same with {@code number} threads. */
  public SuiteOptions threads(int number) {
    return with(to -> to.threads = number);
  }

  private SuiteOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** The options while one of them is changed: all that may be. */
  private static final class Draft {
    private final List<Tables> tables;
    private final Path out;
    private String only;
    private Set<String> instructions;
    private Set<String> kinds;
    private Predicate<String> selection;
    private Share share;
    private Supplier<Subject> subjects;
    private Batching batching;
    private int tries;
    private int threads;

    Draft(SuiteOptions from) {
      tables = from.tables;
      out = from.out;
      only = from.only;
      instructions = from.instructions;
      kinds = from.kinds;
      selection = from.selection;
      share = from.share;
      subjects = from.subjects;
      batching = from.batching;
      tries = from.tries;
      threads = from.threads;
    }

    SuiteOptions options() {
      return new SuiteOptions(
          tables,
          out,
          only,
          instructions,
          kinds,
          selection,
          share,
          subjects,
          batching,
          tries,
          threads);
    }
  }
}
