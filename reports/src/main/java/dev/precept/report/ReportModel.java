package dev.precept.report;

import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import dev.precept.tables.compare.OrderComparison;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs and tables brought together: which subjects, which forms, which modes, which causes.
 *
 * @param runs one for each subject, in the order given
 * @param subjects their names, made distinct
 * @param forms every form of the tables that a run touched, then those that only results name
 * @param modes the mode words that occur, in the tables' order
 * @param parts what the runs say of each form, by {@link FormView#key()}
 * @param causes what does not hold, known violations included, over all runs
 * @param comparisons each two vendors' orders of the instructions that the runs touched
 * @param meanings what each vendor's state variables stand for, by vendor and name
 */
record ReportModel(
    List<Run> runs,
    List<String> subjects,
    List<FormView> forms,
    List<String> modes,
    Map<String, FormResults> parts,
    List<Cause> causes,
    List<OrderComparison> comparisons,
    Map<String, Map<String, String>> meanings) {

  static ReportModel of(List<Run> runs, List<Tables> tables) {
    Map<String, FormResults> parts = FormResults.of(runs);
    Set<String> usedModes = new LinkedHashSet<>();
    for (Run run : runs) {
      String last = "";
      for (Result result : run.results()) {
        if (!result.mode().equals(last) || last.isEmpty()) {
          last = result.mode();
          usedModes.add(last);
        }
      }
      run.pairs().forEach(pair -> usedModes.add(pair.mode()));
    }
    Map<String, FormView> forms = new LinkedHashMap<>();
    Map<String, Map<String, String>> meanings = new LinkedHashMap<>();
    for (Tables vendor : tables) {
      Map<String, Long> mnemonics =
          vendor.forms().stream()
              .collect(Collectors.groupingBy(InstructionForm::mnemonic, Collectors.counting()));
      for (InstructionForm form : vendor.forms()) {
        if (parts.containsKey(vendor.vendor() + "/" + form.id())) {
          FormView view = FormView.of(vendor, form, mnemonics.get(form.mnemonic()) > 1);
          forms.put(view.key(), view);
        }
      }
      Map<String, String> words = new LinkedHashMap<>();
      vendor.variables().forEach((name, variable) -> words.put(name, variable.meaning()));
      meanings.put(vendor.vendor(), words);
    }
    for (String key : parts.keySet()) {
      int slash = key.indexOf('/');
      forms.computeIfAbsent(
          key, k -> FormView.unknown(k.substring(0, slash), k.substring(slash + 1)));
    }
    return new ReportModel(
        List.copyOf(runs),
        distinct(runs),
        List.copyOf(forms.values()),
        inOrder(usedModes),
        parts,
        Cause.of(runs.stream().flatMap(run -> run.failing().stream()).toList()),
        comparisons(tables, forms.values()),
        meanings);
  }

  private static List<OrderComparison> comparisons(
      List<Tables> tables, Collection<FormView> forms) {
    Set<String> touched = new LinkedHashSet<>();
    forms.forEach(form -> touched.add(form.instruction()));
    List<OrderComparison> comparisons = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      for (Tables other : tables.subList(i + 1, tables.size())) {
        for (String instruction : touched) {
          comparisons.addAll(OrderComparison.of(tables.get(i), other, instruction));
        }
      }
    }
    return List.copyOf(comparisons);
  }

  private static List<String> distinct(List<Run> runs) {
    List<String> names = new ArrayList<>();
    for (Run run : runs) {
      String name = run.summary().info().subject();
      String base = name.isEmpty() ? "subject" : name;
      String unique = base;
      for (int n = 2; names.contains(unique); n++) {
        unique = base + " (" + n + ")";
      }
      names.add(unique);
    }
    return names;
  }

  private static List<String> inOrder(Set<String> words) {
    List<String> ordered =
        new ArrayList<>(
            Arrays.stream(Mode.values()).map(Mode::word).filter(words::contains).toList());
    words.stream().filter(word -> !ordered.contains(word)).forEach(ordered::add);
    return ordered;
  }

  /** Whether several subjects stand side by side. */
  boolean several() {
    return subjects.size() > 1;
  }

  /** Whether the runs used different tables, so that a case may claim different things in them. */
  boolean differentTables() {
    return runs.stream().map(run -> run.summary().info().tablesHash()).distinct().count() > 1;
  }

  /** Names of the vendors that forms are of, in the tables' order. */
  Map<String, String> vendors() {
    Map<String, String> names = new LinkedHashMap<>();
    forms.forEach(form -> names.putIfAbsent(form.vendor(), form.vendorName()));
    return names;
  }

  /** What the runs say of {@code form}. */
  FormResults part(FormView form) {
    return parts.getOrDefault(form.key(), FormResults.none(runs.size()));
  }

  /** How many cases there are, each once. */
  int cases() {
    return eachOnce()
        ? runs.get(0).results().size()
        : parts.values().stream().mapToInt(FormResults::cases).sum();
  }

  /** How many pairs there are, each once. */
  int pairs() {
    return eachOnce()
        ? runs.get(0).pairs().size()
        : parts.values().stream().mapToInt(FormResults::pairCount).sum();
  }

  /**
   * Whether it is plain that no case or pair is there twice: a single run has as many results as it
   * planned. Files put together by somebody have not.
   */
  private boolean eachOnce() {
    return runs.size() == 1
        && runs.get(0).results().size() == runs.get(0).summary().info().planned();
  }
}
