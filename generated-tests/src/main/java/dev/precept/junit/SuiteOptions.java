package dev.precept.junit;

import dev.precept.subject.CoreSubject;
import dev.precept.subject.Subject;
import dev.precept.tables.Tables;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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
    return new SuiteOptions(
        tables,
        out,
        glob,
        instructions,
        kinds,
        selection,
        share,
        subjects,
        batching,
        tries,
        threads);
  }

  /** The same for some instructions or forms. */
  public SuiteOptions instructions(Set<String> some) {
    return new SuiteOptions(
        tables,
        out,
        only,
        Set.copyOf(some),
        kinds,
        selection,
        share,
        subjects,
        batching,
        tries,
        threads);
  }

  /** The same for some kinds. */
  public SuiteOptions kinds(Set<String> some) {
    return new SuiteOptions(
        tables,
        out,
        only,
        instructions,
        Set.copyOf(some),
        selection,
        share,
        subjects,
        batching,
        tries,
        threads);
  }

  /** The same for ids of which {@code more} holds too. */
  public SuiteOptions and(Predicate<String> more) {
    return new SuiteOptions(
        tables,
        out,
        only,
        instructions,
        kinds,
        selection.and(more),
        share,
        subjects,
        batching,
        tries,
        threads);
  }

  /** The same, but only {@code part} of it. */
  public SuiteOptions share(Share part) {
    return new SuiteOptions(
        tables,
        out,
        only,
        instructions,
        kinds,
        selection,
        part,
        subjects,
        batching,
        tries,
        threads);
  }

  /** The same on another subject, which gets the cases one by one or all of them beforehand. */
  public SuiteOptions subject(Supplier<Subject> other, boolean inBatches) {
    return subject(other, inBatches ? Batching.ALL : Batching.NONE);
  }

  /** The same on another subject. */
  public SuiteOptions subject(Supplier<Subject> other, Batching how) {
    return new SuiteOptions(
        tables, out, only, instructions, kinds, selection, share, other, how, tries, threads);
  }

  /** The same with {@code number} random states a form. */
  public SuiteOptions tries(int number) {
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
        number,
        threads);
  }

  /** The same with {@code number} threads. */
  public SuiteOptions threads(int number) {
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
        number);
  }
}
