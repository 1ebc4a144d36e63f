package dev.precept.fuzz.messages;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Observation;
import dev.precept.cases.Register;
import dev.precept.cases.json.Json;
import dev.precept.cases.json.MalformedMessageException;
import dev.precept.cases.json.Members;
import dev.precept.cases.json.ObservationJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Any line as a program's answer to a case: it is told what is wrong with it, or what it says is
 * the same when it is written and read again.
 */
public final class ObservationTarget {
  private static final Case SVM = testCase("svm", ControlBlock.at(Layout.CONTROL_BLOCK));
  private static final Case VMX =
      testCase("vmx", new ControlBlock(Layout.CONTROL_BLOCK, Map.of(0x4000, 0x16L, 0x6800, 1L)));

  private ObservationTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String line = new String(bytes, StandardCharsets.UTF_8);
    answer(line, SVM);
    answer(line, VMX);
  }

  private static void answer(String line, Case testCase) {
    Observation seen;
    try {
      Members message = new Members("", Json.parse(line));
      seen = ObservationJson.read(message.object("observation"), testCase);
    } catch (MalformedMessageException wrong) {
      if (wrong.getMessage().isBlank()) {
        throw new AssertionError("wrong, but nobody says how", wrong);
      }
      return;
    }
    Observation again;
    try {
      again =
          ObservationJson.read(
              new Members("", Json.parse(Json.text(ObservationJson.write(seen, testCase)))),
              testCase);
    } catch (MalformedMessageException wrong) {
      throw new AssertionError("what was read cannot be read again", wrong);
    }
    if (!same(seen, again)) {
      throw new AssertionError("read again it is another observation: " + line);
    }
  }

  private static boolean same(Observation one, Observation other) {
    return one.kind() == other.kind()
        && one.vector() == other.vector()
        && one.errorCode() == other.errorCode()
        && one.unseen().equals(other.unseen())
        && seenAlike(one, other)
        && Arrays.equals(one.controlBlock(), other.controlBlock())
        && one.fields().equals(other.fields())
        && one.changes().equals(other.changes())
        && one.remark().equals(other.remark());
  }

  private static boolean seenAlike(Observation one, Observation other) {
    for (Register register : Register.values()) {
      if (!one.unseen().contains(register)
          && one.state().get(register) != other.state().get(register)) {
        return false;
      }
    }
    return true;
  }

  private static Case testCase(String vendor, ControlBlock block) {
    MachineState state = new MachineState().set(Register.RAX, 1).set(Register.RIP, Layout.CODE);
    MachineState host = new MachineState().set(Register.RAX, Layout.CONTROL_BLOCK);
    byte[] image = new byte[(int) (Layout.END - Layout.START)];
    MemoryPatch code = new MemoryPatch(Layout.CODE, new byte[] {0x0F, 0x31});
    return new Case(
        vendor + "/rdtsc/long64/exit",
        vendor,
        List.of(),
        Context.GUEST,
        state,
        host,
        new BaseImage("zero", image),
        List.of(code),
        block,
        ControlBlock.NONE,
        1,
        code);
  }
}
