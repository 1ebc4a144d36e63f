package dev.precept.junit;

import dev.precept.report.ClauseRecord;
import dev.precept.report.CoverageGap;
import dev.precept.report.KeptResults;
import dev.precept.report.PairRecord;
import dev.precept.report.Result;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What an earlier run with the same program and options came to, for forms whose cases would be the
 * same: these are neither planned nor run again.
 */
public final class KnownForms {
  /** Nothing is known. */
  public static final KnownForms NONE = new KnownForms();

  /** By the form's name. */
  private final Map<String, Part> parts = new LinkedHashMap<>();

  /** A form's part of a run. */
  private static final class Part {
    final List<Result> planned = new ArrayList<>();
    final List<Result> random = new ArrayList<>();
    final List<PairRecord> pairs = new ArrayList<>();
    final List<CoverageGap> gaps = new ArrayList<>();
    final List<ClauseRecord> clauses = new ArrayList<>();
  }

  private KnownForms() {}

  /**
   * What {@code run} says of some forms.
   *
   * @param run a run's results
   * @param forms as {@link #name} names them
   */
  public static KnownForms of(KeptResults run, Collection<String> forms) {
    KnownForms known = new KnownForms();
    forms.forEach(form -> known.parts.put(form, new Part()));
    String name = "";
    Part part = new Part();
    for (Result result : run.results()) {
      // Most are of the last one's form.
      if (!isOf(name, result.id())) {
        name = nameIn(result.id());
        part = known.part(name);
      }
      (result.kind().equals(ClaimText.RANDOM) ? part.random : part.planned).add(result);
    }
    run.pairs().forEach(each -> known.part(each.vendor(), each.form()).pairs.add(each));
    run.clauses().forEach(each -> known.part(each.vendor(), each.form()).clauses.add(each));
    run.gaps().forEach(each -> known.part(each.vendor(), Coverage.form(each)).gaps.add(each));
    return known;
  }

  private Part part(String vendor, String form) {
    return part(name(vendor, form));
  }

  /** Its part; one that nobody asks for where the form is not known. */
  private Part part(String name) {
    Part part = parts.get(name);
    return part == null ? new Part() : part;
  }

  /** How a form is named, such as {@code svm/lmsw.mem}. */
  public static String name(String vendor, String form) {
    return vendor + "/" + form;
  }

  /** Name of the form of the case {@code id}. */
  static String nameIn(String id) {
    return id.substring(0, id.indexOf('/', id.indexOf('/') + 1));
  }

  /** Whether the case {@code id} is of the form called {@code name}. */
  private static boolean isOf(String name, String id) {
    return id.length() > name.length()
        && id.charAt(name.length()) == '/'
        && !name.isEmpty()
        && id.startsWith(name);
  }

  /** Names of the forms that {@code results} are of. */
  public static Set<String> namesIn(List<Result> results) {
    Set<String> names = new HashSet<>();
    String name = "";
    for (Result result : results) {
      if (!isOf(name, result.id())) {
        name = nameIn(result.id());
        names.add(name);
      }
    }
    return names;
  }

  /** Names of the forms. */
  Set<String> names() {
    return Set.copyOf(parts.keySet());
  }

  /** Number of forms. */
  public int size() {
    return parts.size();
  }

  boolean has(String vendor, InstructionForm form) {
    return parts.containsKey(name(vendor, form.id()));
  }

  /** Without the forms of which {@code gone} holds. */
  KnownForms without(Predicate<String> gone) {
    KnownForms rest = new KnownForms();
    parts.forEach(
        (name, part) -> {
          if (!gone.test(name)) {
            rest.parts.put(name, part);
          }
        });
    return rest;
  }

  /** How many results are known. */
  int results() {
    return parts.values().stream().mapToInt(part -> part.planned.size() + part.random.size()).sum();
  }

  /**
   * Places of planned cases, of {@code own} ids and of those that are known, form by form as in the
   * tables.
   */
  List<OrderedSink.Place> planned(List<Tables> tables, Collection<String> own) {
    return places(tables, own, part -> part.planned);
  }

  /** As {@link #planned}, of random states. */
  List<OrderedSink.Place> random(List<Tables> tables, Collection<String> own) {
    return places(tables, own, part -> part.random);
  }

  private List<OrderedSink.Place> places(
      List<Tables> tables, Collection<String> own, Function<Part, List<Result>> known) {
    return merged(
        tables,
        own.stream().map(OrderedSink.Place::awaited).toList(),
        place -> nameIn(place.id()),
        part -> known.apply(part).stream().map(OrderedSink.Place::of).toList());
  }

  List<PairRecord> pairs(List<Tables> tables, List<PairRecord> own) {
    return merged(tables, own, each -> name(each.vendor(), each.form()), part -> part.pairs);
  }

  List<ClauseRecord> clauses(List<Tables> tables, List<ClauseRecord> own) {
    return merged(tables, own, each -> name(each.vendor(), each.form()), part -> part.clauses);
  }

  List<CoverageGap> gaps(List<Tables> tables, List<CoverageGap> own) {
    return merged(tables, own, each -> name(each.vendor(), Coverage.form(each)), part -> part.gaps);
  }

  private <T> List<T> merged(
      List<Tables> tables,
      Collection<T> own,
      Function<T, String> name,
      Function<Part, List<T>> known) {
    if (parts.isEmpty()) {
      return List.copyOf(own);
    }
    Map<String, List<T>> byForm =
        own.stream().collect(Collectors.groupingBy(name, LinkedHashMap::new, Collectors.toList()));
    List<T> all = new ArrayList<>();
    for (Tables vendor : tables) {
      for (InstructionForm form : vendor.forms()) {
        String formName = name(vendor.vendor(), form.id());
        Part part = parts.get(formName);
        all.addAll(part == null ? byForm.getOrDefault(formName, List.of()) : known.apply(part));
      }
    }
    return List.copyOf(all);
  }
}
