package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the runner makes of a command's data, case by case. */
class CaseWriterTest {
  private static final List<Integer> FIELDS =
      List.of(Vmcs.EXCEPTION_BITMAP, HandMade.RIP, HandMade.RFLAGS);

  /** A case as the runner has it once it has read its data. */
  private record Held(long[] registers, long[] fields, int template, int flags, int pairs) {}

  private static List<Held> held(Case... cases) {
    StringBuilder report =
        new StringBuilder("precept-runner " + Protocol.VERSION + "\nsvm 0 0\nvmx 1\ndma 1\n");
    FIELDS.forEach(one -> report.append("vmcs ").append(Integer.toHexString(one)).append('\n'));
    MemoryImage image = new MemoryImage(0, cases[0]);
    CaseWriter writer = new CaseWriter(base -> image, BootReport.parse(report.toString()));
    for (Case one : cases) {
      writer.add(Job.of(one));
    }
    ByteBuffer data = ByteBuffer.wrap(writer.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
    int words = Register.COUNT + FIELDS.size();
    int at = 8 * words * writer.templateCount();
    long[] registers = new long[Register.COUNT];
    long[] fields = new long[FIELDS.size()];
    List<Held> all = new ArrayList<>();
    for (int i = 0; i < cases.length; i++) {
      int template = data.getShort(at + 14) & 0xFFFF;
      for (int j = 0; template != Protocol.NO_TEMPLATE && j < words; j++) {
        long value = data.getLong(8 * (words * template + j));
        if (j < Register.COUNT) {
          registers[j] = value;
        } else {
          fields[j - Register.COUNT] = value;
        }
      }
      int pair = at + Protocol.CASE_HEADER;
      int own = data.getShort(at + 24);
      int ownFields = data.getShort(at + 26);
      for (int j = 0; j < own + ownFields; j++, pair += 16) {
        (j < own ? registers : fields)[(int) data.getLong(pair)] = data.getLong(pair + 8);
      }
      int flags = data.getInt(at + 8);
      all.add(new Held(registers.clone(), fields.clone(), template, flags, own + ownFields));
      at += data.getInt(at);
    }
    return all;
  }

  private static Case cpuid(String id, long rbx, long bitmap) {
    return HandMade.of(id, 0x0F, 0xA2)
        .with(Register.RBX, rbx)
        .vmx(Map.of(Vmcs.EXCEPTION_BITMAP, bitmap));
  }

  @Test
  void eachCaseBeginsWithItsOwnValuesWhateverGoesBefore() {
    Case outside = HandMade.of("outside", 0x90).with(Register.RBX, 3).withoutGuests().build();
    Case[] cases = {
      cpuid("a", 1, 0x40), cpuid("b", 2, 0x42), cpuid("as a", 1, 0x40), outside, cpuid("c", 1, 0x44)
    };

    List<Held> held = held(cases);

    for (int i = 0; i < cases.length; i++) {
      for (int j = 0; j < Register.COUNT; j++) {
        assertThat(held.get(i).registers()[j])
            .as(cases[i].id() + " " + Register.at(j))
            .isEqualTo(Beginning.of(cases[i]).get(Register.at(j)));
      }
      for (int j = 0; cases[i].controlBlock().present() && j < FIELDS.size(); j++) {
        assertThat(held.get(i).fields()[j])
            .as(cases[i].id() + " field " + j)
            .isEqualTo(Vmcs.value(cases[i].controlBlock().fields(), FIELDS.get(j)));
      }
    }
  }

  @Test
  void aCaseBringsWhatTheOneBeforeHasOtherwiseAndNoTemplate() {
    List<Held> held = held(cpuid("a", 1, 0x40), cpuid("b", 2, 0x40), cpuid("c", 2, 0x40));

    assertThat(held).extracting(Held::template).containsExactly(0, 0xFFFF, 0xFFFF);
    assertThat(held).extracting(Held::pairs).containsExactly(0, 1, 0);
  }

  @Test
  void watchesAreTheSameOnlyIfTheyAre() {
    Case elsewhere = HandMade.of("elsewhere", 0x0F, 0xA2).with(Register.RSP, 0x4000).vmx(Map.of());

    List<Held> held = held(cpuid("a", 1, 0x40), cpuid("b", 2, 0x40), elsewhere);

    assertThat(held)
        .extracting(one -> one.flags() & Protocol.CASE_SAME_WATCHES)
        .containsExactly(0, Protocol.CASE_SAME_WATCHES, 0);
  }
}
