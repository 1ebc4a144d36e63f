package dev.precept.generator.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.Expected;
import dev.precept.cases.json.CaseTemplate;
import dev.precept.cases.json.ExpectationJson;
import dev.precept.cases.json.Json;
import dev.precept.cases.json.Schemas;
import dev.precept.generator.Assignment;
import dev.precept.generator.Generator;
import dev.precept.generator.Source;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.CaseKind;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Writes one vendor's planned cases as JSON test vectors, a file for each instruction form. The
 * same tables always give the same bytes.
 */
public final class VectorWriter {
  /** Version of the files' format; another one says that old readers will misread them. */
  public static final int VERSION = 1;

  private final Tables tables;
  private final Generator generator;
  private final CaseBuilder builder;
  private final Oracle oracle;

  /** A writer for one vendor's tables. */
  public VectorWriter(Tables tables) {
    this.tables = tables;
    this.generator = new Generator(tables);
    this.builder = new CaseBuilder(tables);
    this.oracle = new Oracle(tables);
  }

  /**
   * What {@link #write} did.
   *
   * @param vectors vectors in the files
   * @param cases cases they stand for: a vector may have variants
   * @param written files written
   * @param unchanged files that were as they should be
   * @param removed files that should not be there any more
   * @param unbuildable ids of planned cases that no state realises
   */
  public record Written(
      int vectors, int cases, int written, int unchanged, int removed, List<String> unbuildable) {}

  /**
   * Writes the vectors of the forms that {@code wanted} accepts below {@code root}.
   *
   * @param tablesHash SHA-256 of the tables, in hex
   * @param complete whether these are all forms, so that other files of the vendor are stale
   */
  public Written write(
      Path root, Predicate<InstructionForm> wanted, String tablesHash, boolean complete)
      throws IOException {
    OutputFolder folder = new OutputFolder(root);
    CommonFile common = new CommonFile(tables, generator.planner(), builder);
    for (String schema : List.of(Schemas.CASE, Schemas.VECTORS)) {
      folder.put("schema/" + schema, Schemas.text(schema));
    }
    folder.put(tables.vendor() + "/common.json", common.text(tablesHash));
    Plan plan = generator.plan(wanted);
    Map<String, List<PlannedCase>> byForm = new LinkedHashMap<>();
    for (PlannedCase planned : plan.cases()) {
      byForm.computeIfAbsent(planned.form().id(), unused -> new ArrayList<>()).add(planned);
    }
    List<File> files =
        byForm.values().parallelStream()
            .map(cases -> write(folder, cases.get(0).form(), cases, common))
            .toList();
    int removed = complete ? folder.removeOthers(tables.vendor()) : 0;
    return new Written(
        files.stream().mapToInt(File::vectors).sum(),
        files.stream().mapToInt(File::cases).sum(),
        folder.written(),
        folder.unchanged(),
        removed,
        files.stream().flatMap(file -> file.unbuildable().stream()).toList());
  }

  private record File(int vectors, int cases, List<String> unbuildable) {}

  private File write(
      OutputFolder folder, InstructionForm form, List<PlannedCase> planned, CommonFile common) {
    List<Vector> made = new ArrayList<>();
    List<String> unbuildable = new ArrayList<>();
    for (PlannedCase one : planned) {
      try {
        made.addAll(vectors(one));
      } catch (UnbuildableException e) {
        unbuildable.add(one.id());
      }
    }
    try {
      folder.put(
          tables.vendor() + "/" + form.instruction() + "/" + form.id() + ".json",
          text(form, made, common));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int cases = made.stream().mapToInt(vector -> Math.max(1, vector.variants().size())).sum();
    return new File(made.size(), cases, unbuildable);
  }

  /**
   * A vector before it is text.
   *
   * @param id the planned case's; for what does not differ in memory only from that, its own
   * @param variants cases that differ from {@code testCase} in memory only and have the same
   *     expectation, itself included; none where it stands for itself
   */
  private record Vector(
      String id,
      PlannedCase planned,
      Case testCase,
      Expectation expectation,
      List<Case> variants) {}

  private List<Vector> vectors(PlannedCase planned) {
    if (planned.kind() != CaseKind.EXIT_ONE_HOT) {
      Setup setup = builder.setUp(planned.form(), planned.assignment(), planned.id());
      return List.of(
          new Vector(planned.id(), planned, setup.testCase(), oracle.expect(setup), List.of()));
    }
    List<Vector> vectors = new ArrayList<>();
    for (Map.Entry<String, Assignment> part :
        generator
            .planner()
            .oneHot(planned.form(), planned.mode(), planned.assignment())
            .entrySet()) {
      String id = planned.id() + "@" + part.getKey();
      Setup setup = builder.setUp(planned.form(), part.getValue(), id);
      Case made = setup.testCase();
      Expectation expectation = oracle.expect(setup);
      vectors.stream()
          .filter(vector -> differsInMemoryOnly(vector, made, expectation))
          .findFirst()
          .ifPresentOrElse(
              vector -> vector.variants().add(made),
              () ->
                  vectors.add(
                      new Vector(
                          vectors.isEmpty() ? planned.id() : id,
                          planned,
                          made,
                          expectation,
                          new ArrayList<>(List.of(made)))));
    }
    return vectors;
  }

  private static boolean differsInMemoryOnly(Vector vector, Case other, Expectation expectation) {
    Case one = vector.testCase();
    return one.features().equals(other.features())
        && one.context() == other.context()
        && one.state().equals(other.state())
        && one.host().equals(other.host())
        && one.base().equals(other.base())
        && one.controlBlock().equals(other.controlBlock())
        && one.priorControlBlock().equals(other.priorControlBlock())
        && one.steps() == other.steps()
        && one.code().equals(other.code())
        && vector.expectation().equals(expectation);
  }

  private String text(InstructionForm form, List<Vector> vectors, CommonFile common) {
    List<Expected> allowed =
        vectors.stream().flatMap(vector -> vector.expectation().allowed().stream()).toList();
    ExpectationJson.Exit exit = ExpectationJson.Exit.commonIn(allowed);
    JsonText text = new JsonText();
    text.member("format", "precept-vectors");
    text.member("version", VERSION);
    text.member("vendor", tables.vendor());
    text.member("common", "../common.json");
    text.member("instruction", form.instruction());
    text.member("form", form.id());
    text.member("mnemonic", form.mnemonic());
    text.member("encoding", form.encoding());
    text.member(
        "order",
        String.join(" > ", form.order().groups().stream().map(VectorWriter::group).toList()));
    text.member("exit", exit.json());
    ExpectationJson expectations = new ExpectationJson(exit);
    text.lines("vectors", vectors.stream().map(v -> json(v, common, expectations)).toList());
    return text.end();
  }

  private static String group(List<String> checks) {
    return checks.size() == 1 ? checks.get(0) : "{" + String.join(" ", checks) + "}";
  }

  private JsonNode json(Vector vector, CommonFile common, ExpectationJson expectations) {
    PlannedCase planned = vector.planned();
    Source source = Source.of(tables, planned);
    Case testCase = vector.testCase();
    ObjectNode node = Json.object();
    node.put("id", vector.id());
    node.put("kind", planned.kind().word());
    node.put("claim", planned.claim());
    node.put("reveals", planned.reveals());
    node.put("source", source.text());
    node.put("row", source.row());
    node.set("case", common.templateFor(testCase).json(testCase));
    node.set("allowed", expectations.allowed(vector.expectation().allowed(), testCase));
    if (!vector.expectation().outranked().isEmpty()) {
      node.set("outranked", expectations.outranked(vector.expectation().outranked()));
    }
    if (!vector.variants().isEmpty()) {
      CaseTemplate own = new CaseTemplate(testCase);
      ArrayNode variants = node.putArray("variants");
      for (Case variant : vector.variants()) {
        ObjectNode one = variants.addObject().put("id", variant.id());
        one.set("memory", own.memory(variant));
      }
    }
    return node;
  }
}
