package dev.precept.generator.state;

import dev.precept.cases.Case;
import dev.precept.cases.MachineState;
import dev.precept.generator.Assignment;
import dev.precept.tables.Mode;

/**
 * A concrete case and how it came about, for whoever predicts its outcome.
 *
 * @param testCase the case
 * @param info the instruction form
 * @param before state just before the instruction under test, behind any prologue
 * @param memory memory just before it; not to be written to
 * @param operand its memory operand
 * @param length its length in bytes
 */
public record Setup(
    Case testCase,
    FormInfo info,
    Assignment assignment,
    Mode mode,
    MachineState before,
    Memory memory,
    OperandPlace operand,
    int length) {}
