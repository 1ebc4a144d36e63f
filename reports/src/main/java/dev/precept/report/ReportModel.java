package dev.precept.report;

import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs and tables brought together: which subjects, which forms, which modes.
 *
 * @param runs one for each subject, in the order given
 * @param subjects their names, made distinct
 * @param forms every form of the tables that a run touched, then those that only results name
 * @param modes the mode words that occur, in the tables' order
 */
record ReportModel(
    List<Run> runs, List<String> subjects, List<FormView> forms, List<String> modes) {

  static ReportModel of(List<Run> runs, List<Tables> tables) {
    Set<String> named = new LinkedHashSet<>();
    Set<String> usedModes = new LinkedHashSet<>();
    for (Run run : runs) {
      for (Result result : run.results()) {
        named.add(result.vendor() + "/" + result.formId());
        usedModes.add(result.mode());
      }
      for (PairRecord pair : run.pairs()) {
        named.add(pair.vendor() + "/" + pair.form());
        usedModes.add(pair.mode());
      }
    }
    Map<String, FormView> forms = new LinkedHashMap<>();
    for (Tables vendor : tables) {
      for (InstructionForm form : vendor.forms()) {
        if (named.contains(vendor.vendor() + "/" + form.id())) {
          FormView view = FormView.of(vendor, form);
          forms.put(view.key(), view);
        }
      }
    }
    for (String key : named) {
      int slash = key.indexOf('/');
      forms.computeIfAbsent(
          key, k -> FormView.unknown(k.substring(0, slash), k.substring(slash + 1)));
    }
    return new ReportModel(
        List.copyOf(runs), distinct(runs), List.copyOf(forms.values()), inOrder(usedModes));
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

  /** Place of each form in {@link #forms} by {@link FormView#key()}. */
  Map<String, Integer> formIndex() {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < forms.size(); i++) {
      index.put(forms.get(i).key(), i);
    }
    return index;
  }
}
