package dev.precept.generator.render;

import dev.precept.generator.Source;
import dev.precept.generator.plan.Labels;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns a plan into views, a class for each form. */
public final class Views {
  private static final String SEPARATOR = " | ";

  private final Tables tables;

  /** Views of plans made from {@code tables}. */
  public Views(Tables tables) {
    this.tables = tables;
  }

  /** The package of a vendor's generated classes. */
  public static String packageName(String vendor) {
    return "dev.precept.generated." + JavaText.lowerCamel(vendor);
  }

  /** The class name of a form, without {@code Test} or {@code Properties}. */
  public static String className(InstructionForm form) {
    return JavaText.upperCamel(form.id());
  }

  /**
   * Looks whether the classes of {@code forms} have different names.
   *
   * @throws IllegalStateException if two of them would have the same
   */
  public static void checkNames(List<InstructionForm> forms) {
    Set<String> names = new HashSet<>();
    for (InstructionForm form : forms) {
      if (!names.add(className(form))) {
        throw new IllegalStateException(
            form.id() + " (" + form.origin() + "): another form is called " + className(form));
      }
    }
  }

  /** The view of {@code form}, whose planned cases are {@code cases}. */
  public FormView of(InstructionForm form, List<PlannedCase> cases) {
    Map<String, List<PlannedCase>> byKey = new LinkedHashMap<>();
    for (PlannedCase planned : cases) {
      byKey.computeIfAbsent(ClaimNames.key(planned), unused -> new ArrayList<>()).add(planned);
    }
    List<FormView.MethodView> methods = new ArrayList<>();
    Set<String> names = new HashSet<>();
    byKey.forEach((key, group) -> methods.add(method(key, group, names)));
    return new FormView(
        packageName(tables.vendor()),
        className(form),
        JavaText.literal(tables.vendor()),
        JavaText.literal(form.id()),
        JavaText.javadoc(form.mnemonic() + ", encoded " + form.encoding() + "."),
        List.of(
            JavaText.javadoc("Checks, highest priority first: " + order(form) + "."),
            JavaText.javadoc("Source: " + Source.of(form) + ".")),
        List.copyOf(methods));
  }

  private FormView.MethodView method(String key, List<PlannedCase> cases, Set<String> names) {
    PlannedCase some = cases.get(0);
    InstructionForm form = some.form();
    Source source = Source.of(tables, some);
    String name = ClaimNames.method(some);
    if (!names.add(name)) {
      name = name + "_" + JavaText.hash(key);
      names.add(name);
    }
    String expect = expect(form, cases);
    return new FormView.MethodView(
        name,
        JavaText.javadoc(some.claim() + "."),
        JavaText.javadoc(expect + "."),
        JavaText.javadoc(source.toString()),
        JavaText.literal(some.kind().word()),
        JavaText.literal(some.claim()),
        JavaText.literal(expect),
        JavaText.literal(some.first()),
        JavaText.literal(some.second()),
        JavaText.literal(source.text()),
        JavaText.literal(source.row()),
        JavaText.literal(some.reveals()),
        cases.stream().map(Views::caseRow).map(JavaText::literal).toList());
  }

  /** A case as a row: id, assignment, and the checks that may win. */
  private static String caseRow(PlannedCase planned) {
    String winners = String.join(" or ", planned.winners());
    for (String part : List.of(planned.id(), planned.assignment().text(), winners)) {
      if (part.contains(SEPARATOR)) {
        throw new IllegalArgumentException("'" + part + "' contains '" + SEPARATOR + "'");
      }
    }
    return planned.id() + SEPARATOR + planned.assignment().text() + SEPARATOR + winners;
  }

  private String expect(InstructionForm form, List<PlannedCase> cases) {
    Set<String> outcomes = new LinkedHashSet<>();
    for (PlannedCase planned : cases) {
      for (String winner : planned.winners()) {
        outcomes.add(
            winner.equals(PlannedCase.NONE)
                ? "completes"
                : Labels.outcome(tables, tables.check(form, winner)));
      }
    }
    return String.join(" or ", outcomes);
  }

  private static String order(InstructionForm form) {
    List<String> groups = new ArrayList<>();
    for (List<String> group : form.order().groups()) {
      String joined = group.stream().map(form.order()::written).collect(Collectors.joining(" "));
      groups.add(group.size() == 1 ? joined : "{" + joined + "}");
    }
    return groups.isEmpty() ? "none" : String.join(" > ", groups);
  }
}
