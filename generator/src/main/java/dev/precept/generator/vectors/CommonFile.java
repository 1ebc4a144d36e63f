package dev.precept.generator.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.Register;
import dev.precept.cases.json.CaseTemplate;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What a vendor's vectors share: an image for each mode, and a template for each mode and context.
 * A template is the quiet state of a form, of all in the tables, whose registers are most like the
 * others': so it does not depend on which vectors are written.
 */
final class CommonFile {
  private final Tables tables;
  private final Map<String, CaseTemplate> templates = new LinkedHashMap<>();

  CommonFile(Tables tables, Planner planner, CaseBuilder builder) {
    this.tables = tables;
    for (Mode mode : Mode.values()) {
      for (Context context : Context.values()) {
        List<Case> quiet =
            tables.forms().parallelStream()
                .flatMap(form -> quiet(planner, builder, form, mode, context).stream())
                .toList();
        mostOrdinary(quiet)
            .ifPresent(like -> templates.put(CaseTemplate.nameFor(like), new CaseTemplate(like)));
      }
    }
  }

  /**
   * The case whose registers and features are shared by most of the others; of equals the first.
   */
  private static Optional<Case> mostOrdinary(List<Case> cases) {
    Map<Object, Integer> counts = new HashMap<>();
    cases.forEach(each -> traits(each).forEach(trait -> counts.merge(trait, 1, Integer::sum)));
    Optional<Case> best = Optional.empty();
    int most = -1;
    for (Case each : cases) {
      int shared = traits(each).stream().mapToInt(counts::get).sum();
      if (shared > most) {
        most = shared;
        best = Optional.of(each);
      }
    }
    return best;
  }

  private static List<Object> traits(Case testCase) {
    List<Object> traits = new ArrayList<>();
    traits.add(testCase.features());
    for (Register register : Register.values()) {
      traits.add(Map.entry(register, testCase.state().get(register)));
    }
    return traits;
  }

  /** The state of {@code form} with everything quiet, if it has one in this mode and context. */
  private Optional<Case> quiet(
      Planner planner, CaseBuilder builder, InstructionForm form, Mode mode, Context context) {
    if (!planner.modes(form).contains(mode)) {
      return Optional.empty();
    }
    int guest = tables.variables().get("guest").indexOf(context == Context.GUEST ? "1" : "0");
    return planner
        .space(form, mode)
        .nearest(Map.of("guest", guest))
        .flatMap(
            assignment -> {
              try {
                return Optional.of(builder.build(form, assignment, form.id()));
              } catch (UnbuildableException e) {
                return Optional.empty();
              }
            })
        .filter(made -> made.context() == context && !made.priorControlBlock().present());
  }

  /**
   * The template for cases like {@code testCase}.
   *
   * @throws NoSuchElementException if no form has a quiet state in its mode and context
   */
  CaseTemplate templateFor(Case testCase) {
    String name = CaseTemplate.nameFor(testCase);
    CaseTemplate template = templates.get(name);
    if (template == null) {
      throw new NoSuchElementException(
          testCase.id() + ": no form of the " + tables.vendor() + " tables is quiet in " + name);
    }
    return template;
  }

  /**
   * The file's text.
   *
   * @param tablesHash SHA-256 of the tables, in hex
   */
  String text(String tablesHash) {
    JsonText text = new JsonText();
    text.member("format", "precept-vectors-common");
    text.member("version", VectorWriter.VERSION);
    text.member("vendor", tables.vendor());
    text.member("tables", tablesHash);
    Map<String, JsonNode> images = new LinkedHashMap<>();
    List<JsonNode> all = new ArrayList<>();
    for (CaseTemplate template : templates.values()) {
      JsonNode json = template.json();
      images.computeIfAbsent(json.get("image").textValue(), name -> template.imageJson());
      all.add(json);
    }
    text.lines("images", images.values());
    text.lines("templates", all);
    return text.end();
  }
}
