package dev.precept.generator.state;

import dev.precept.cases.Case;
import dev.precept.cases.MachineState;
import dev.precept.generator.Assignment;
import dev.precept.tables.Mode;
import java.util.Map;

/**
 * A concrete case and how it came about, for whoever predicts its outcome.
 *
 * @param testCase the case
 * @param info the instruction form
 * @param before state just before the instruction under test, behind any prologue
 * @param memory memory just before it; not to be written to
 * @param operand its memory operand
 * @param displacement displacement of its memory operand, sign-extended, or for a displacement from
 *     rIP the address that it gives; 0 where it has none
 * @param length its length in bytes
 * @param controlFields control-block fields that are set, by their name in the tables
 */
public record Setup(
    Case testCase,
    FormInfo info,
    Assignment assignment,
    Mode mode,
    MachineState before,
    Memory memory,
    OperandPlace operand,
    long displacement,
    int length,
    Map<String, Long> controlFields) {}
