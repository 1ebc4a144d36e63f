package dev.precept.generator.state;

import dev.precept.cases.Register;
import dev.precept.tables.Mode;
import dev.precept.tables.Variable;
import java.io.ByteArrayOutputStream;
import java.util.Comparator;
import java.util.List;

/**
 * Builder {@code vmwrite}: VMWRITEs to the current VMCS just before the instruction, one for each
 * variable of this builder that is not quiet. {@code vmwrite.host_cr0} is the field {@code
 * host_cr0}, and so is {@code vmwrite.host_cr0.other}: forms may have classes of their own.
 */
final class VmwriteBuilder {
  private static final String PLACE = "builder:vmwrite", PREFIX = "vmwrite.";

  /** What is written lies behind the pointers and selectors of other instructions before. */
  private static final long VALUES = EarlierBuilder.POINTER + 0x40;

  private static final int OPERAND_SIZE = 0x66, REX_W = 0x48, MOV_RDI = 0xBF, RDI = 7;

  private VmwriteBuilder() {}

  /** Whether there is a VMWRITE, which clears the status flags. */
  static boolean writes(Draft draft) {
    return !written(draft).isEmpty();
  }

  private static List<Variable> written(Draft draft) {
    return draft.assignment.classes().keySet().stream()
        .map(name -> draft.tables.variables().get(name))
        .filter(variable -> variable.place().equals(PLACE))
        .filter(one -> draft.assignment.index(draft.tables, one.name()) != one.quiet())
        .sorted(Comparator.comparing(Variable::name))
        .toList();
  }

  static void build(Draft draft) {
    List<Variable> written = written(draft);
    long at = VALUES;
    for (Variable variable : written) {
      String field = field(variable.name());
      draft.memory.write(at, 8, value(draft, variable));
      loadRdi(draft, draft.tables.fields().get(field).offset(), false);
      EarlierBuilder.throughGs(draft, at, RDI, 0x0F, 0x79);
      at += 8;
    }
    if (!written.isEmpty()) {
      loadRdi(draft, draft.get(Register.RDI), draft.mode == Mode.LONG64);
    }
  }

  private static String field(String variable) {
    int end = variable.indexOf('.', PREFIX.length());
    return variable.substring(PREFIX.length(), end < 0 ? variable.length() : end);
  }

  private static long value(Draft draft, Variable variable) {
    Variable.Value value =
        variable.values().get(draft.assignment.index(draft.tables, variable.name()));
    return value.concrete().isEmpty()
        ? value.number()
        : new Concrete(
                draft.tables, draft.assignment, draft.state, draft.memory, draft.controlFields)
            .eval(value.concrete().get());
  }

  /** MOV rDI, {@code value}, of which all 64 bits count if {@code wide}. */
  private static void loadRdi(Draft draft, long value, boolean wide) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    if (wide) {
      code.write(REX_W);
    } else if (EarlierBuilder.small(draft)) {
      code.write(OPERAND_SIZE);
    }
    code.write(MOV_RDI);
    code.writeBytes(ModRm.little(value, wide ? 8 : 4));
    draft.prologue.add(code.toByteArray());
  }
}
