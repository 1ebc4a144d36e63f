package dev.precept.subject.metal;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * Writes cases for the runner: templates, then the cases in order, each with what it has otherwise
 * than the one before, or than its template where that is of another sort.
 */
final class CaseWriter {
  private static final int PAIR = 16;
  private static final int RANGE = 8;

  private final Map<String, Integer> templateNumbers = new LinkedHashMap<>();
  private final List<Template> templates = new ArrayList<>();
  private final List<byte[]> cases = new ArrayList<>();
  private final Function<BaseImage, MemoryImage> images;
  private final BootReport report;
  private final List<Integer> fields;
  private final Map<Integer, Integer> fieldNumbers = new HashMap<>();
  private int bytes;
  private Optional<MemoryImage> inUse = Optional.empty();

  /** What the runner holds of the case before, and of which sort that is. */
  private Optional<Template> before = Optional.empty();

  private String sort = "";

  /** Ends by starts, as the case before has them. */
  private SortedMap<Long, Long> watched = Collections.emptySortedMap();

  /** Values that cases begin with unless they say otherwise; the fields by their numbers. */
  private record Template(MachineState registers, long[] fields) {}

  /**
   * A writer that asks {@code images} for the images that the runner has.
   *
   * @param report what the processor has
   */
  CaseWriter(Function<BaseImage, MemoryImage> images, BootReport report) {
    this.images = images;
    this.report = report;
    fields = report.fields();
    fields.forEach(field -> fieldNumbers.put(field, fieldNumbers.size()));
  }

  /** Adds a case; its index is the number of cases before it. */
  void add(Job job) {
    Case testCase = job.testCase();
    MachineState begin = Beginning.of(testCase);
    String key = testCase.base().name() + testCase.context();
    int number = Protocol.NO_TEMPLATE;
    if (!key.equals(sort)) {
      sort = key;
      number =
          templateNumbers.computeIfAbsent(
              key,
              unused -> {
                templates.add(new Template(begin.copy(), values(testCase.controlBlock())));
                return templates.size() - 1;
              });
      before = Optional.of(templates.get(number));
    }
    Template held = before.orElseThrow();
    // Without a control block it says nothing of fields, and the runner's stay.
    ControlBlock block = testCase.controlBlock();
    Template now = new Template(begin, block.present() ? values(block) : held.fields());
    byte[] one = encode(job, held, now, number, cases.size());
    before = Optional.of(now);
    cases.add(one);
    bytes += one.length;
  }

  int count() {
    return cases.size();
  }

  int templateCount() {
    return templates.size();
  }

  /** Length of {@link #toBytes}. */
  int length() {
    return templates.size() * 8 * (Register.COUNT + fields.size()) + bytes;
  }

  byte[] toBytes() {
    ByteBuffer all = ByteBuffer.allocate(length()).order(ByteOrder.LITTLE_ENDIAN);
    for (Template template : templates) {
      for (int i = 0; i < Register.COUNT; i++) {
        all.putLong(template.registers().get(Register.at(i)));
      }
      for (long value : template.fields()) {
        all.putLong(value);
      }
    }
    cases.forEach(all::put);
    return all.array();
  }

  /** Values of all fields by number; 0 where the control block has none. */
  private long[] values(ControlBlock block) {
    long[] values = new long[fields.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Vmcs.value(block.fields(), fields.get(i));
    }
    return values;
  }

  /** Numbers and values of the fields that are not as {@code held}. */
  private static List<long[]> different(long[] values, long[] held) {
    List<long[]> different = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != held[i]) {
        different.add(new long[] {i, values[i]});
      }
    }
    return different;
  }

  /** {@code held}: what the runner has before this case's own values, {@code now}. */
  private byte[] encode(Job job, Template held, Template now, int templateNumber, int index) {
    Case testCase = job.testCase();
    MachineState begin = now.registers();
    List<Register> different = new ArrayList<>();
    for (int i = 0; i < Register.COUNT; i++) {
      if (begin.get(Register.at(i)) != held.registers().get(Register.at(i))) {
        different.add(Register.at(i));
      }
    }
    ControlBlock block = testCase.controlBlock();
    long[] none = new long[fields.size()];
    List<long[]> own = different(now.fields(), held.fields());
    List<long[]> prior =
        different(values(VmxAbility.possible(testCase.priorControlBlock(), report)), none);
    List<long[]> shadow = different(values(block.shadow().orElse(ControlBlock.NONE)), none);
    MemoryImage image = images.apply(testCase.base());
    if (inUse.isEmpty() || inUse.get() != image) {
      image.begin();
      inUse = Optional.of(image);
    }
    List<MemoryPatch> patches = image.differences(testCase);
    SortedMap<Long, Long> watches = Watches.of(testCase, job.watched()).ranges();
    int flags = flags(job) | (watches.equals(watched) ? Protocol.CASE_SAME_WATCHES : 0);
    watched = watches;
    int length =
        Protocol.CASE_HEADER
            + PAIR * (different.size() + own.size() + prior.size() + shadow.size())
            + RANGE * (patches.size() + watches.size());
    for (MemoryPatch patch : patches) {
      length += patch.bytes().length;
    }
    ByteBuffer to = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(length).putInt(index).putInt(flags);
    to.putShort((short) image.number()).putShort((short) templateNumber);
    to.putInt((int) block.address());
    to.putInt((int) testCase.priorControlBlock().address());
    to.putShort((short) different.size());
    to.putShort((short) own.size());
    to.putShort((short) patches.size()).putShort((short) watches.size());
    to.putShort((short) prior.size()).putShort((short) shadow.size());
    to.putInt((int) block.shadow().orElse(ControlBlock.NONE).address());
    for (Register register : different) {
      to.putLong(register.ordinal()).putLong(begin.get(register));
    }
    for (List<long[]> all : List.of(own, prior, shadow)) {
      all.forEach(field -> to.putLong(field[0]).putLong(field[1]));
    }
    for (MemoryPatch patch : patches) {
      to.putInt((int) patch.address()).putInt(patch.bytes().length / 8).put(patch.bytes());
    }
    watches.forEach((from, end) -> to.putInt(from.intValue()).putInt((int) (end - from) / 8));
    return to.array();
  }

  private static int flags(Job job) {
    Case testCase = job.testCase();
    int flags = Modes.of(testCase) << Protocol.CASE_MODE_SHIFT;
    if (testCase.context() == Context.GUEST) {
      flags |= Protocol.CASE_GUEST;
      flags |= Sight.of(testCase) == Sight.PAGING ? Protocol.CASE_NESTED : 0;
      flags |= Waiting.hasNmi(testCase) ? Protocol.CASE_OWN_NMI : 0;
      flags |= SegmentLoads.may(testCase) ? Protocol.CASE_SEGMENTS : 0;
    } else {
      flags |= Protocol.CASE_PROBE;
    }
    if (testCase.state().get(Register.NMI_MASKED) != 0) {
      flags |= Protocol.CASE_NMI_MASKED;
    }
    if (Waiting.may(testCase)) {
      flags |= Protocol.CASE_ALARM | job.alarmTicks() << Protocol.CASE_ALARM_SHIFT;
    }
    return job.checked() ? flags | Protocol.CASE_FULL_CHECK : flags;
  }
}
