package dev.precept.generator.state;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;

/**
 * Builder {@code vmcs}: what VMX variables say that is more than a field. VMX operation and the
 * VMCS link pointer are the vendor's strategy's.
 */
final class VmcsBuilder {
  private static final int VMREAD = 0x78;

  private VmcsBuilder() {}

  static void build(Draft draft) {
    if (draft.info.relevant().contains("vmread_bitmap")) {
      bitmaps(draft);
    }
    if (draft.info.relevant().contains("pdpte.number")) {
      pdptes(draft);
    }
    shadow(draft, "cr0_differs", "cr0_read_shadow", Register.CR0);
    shadow(draft, "cr4_differs", "cr4_read_shadow", Register.CR4);
    switch (draft.word("pf_filter")) {
      case "never" -> filter(draft, 0, 0xFFFF_FFFFL);
      case "present" -> filter(draft, 1, 1);
      case "writes" -> filter(draft, 2, 2);
      case "user" -> filter(draft, 4, 4);
      case "user_reads" -> filter(draft, 6, 4);
      case "reserved" -> filter(draft, 8, 8);
      case "exact" -> filter(draft, 0xFFFF_FFFFL, 7);
      default -> {}
    }
  }

  /** A PDPTE in the guest-state area, and the same in memory (SDM vol. 3, 26.3.1.6). */
  private static void pdptes(Draft draft) {
    long number = draft.number("pdpte.number");
    long good = number == 0 ? Layout.PAE_PD | 1 : 0;
    draft.controlFields.put("guest_pdpte" + number, pdpte(draft.word("pdpte"), good));
    draft.memory.write(Layout.PAE_PDPT + 8 * number, 8, pdpte(draft.word("pdpte.memory"), good));
  }

  private static long pdpte(String word, long good) {
    long present = Layout.PAE_PD | 1;
    return switch (word) {
      case "ignored" -> present | 0xE00;
      case "garbage" -> ~1L;
      case "bit_1", "bit_2", "bit_5", "bit_8", "bit_51", "bit_63" ->
          present | 1L << Integer.parseInt(word.substring(4));
      default -> good;
    };
  }

  /** A read shadow that differs from its register in the bits of {@code variable}. */
  private static void shadow(Draft draft, String variable, String field, Register register) {
    if (draft.info.relevant().contains(variable)) {
      draft.controlFields.put(field, draft.get(register) ^ draft.number(variable));
    }
  }

  /** Page-fault error-code mask and match (SDM vol. 3, 24.6.3). */
  private static void filter(Draft draft, long mask, long match) {
    draft.controlFields.put("page_fault_error_code_mask", mask);
    draft.controlFields.put("page_fault_error_code_match", match);
  }

  /**
   * The VMREAD and VMWRITE bitmaps (SDM vol. 3, 24.6.15): that of the instruction as the variable
   * says, the other one the other way round.
   */
  private static void bitmaps(Draft draft) {
    draft.controlFields.put("vmread_bitmap_address", Layout.VMREAD_BITMAP);
    draft.controlFields.put("vmwrite_bitmap_address", Layout.VMWRITE_BITMAP);
    boolean read = draft.info.has(Integer.toHexString(VMREAD));
    long own = read ? Layout.VMREAD_BITMAP : Layout.VMWRITE_BITMAP;
    long other = read ? Layout.VMWRITE_BITMAP : Layout.VMREAD_BITMAP;
    long mask = draft.number("vmread_bitmap");
    long field = draft.number("field") & 0x7FFF;
    for (int i = 0; i < 0x1000; i++) {
      int bits = (mask & 2) != 0 ? 0xFF : 0;
      if (field >> 3 == i) {
        int bit = 1 << (int) (field & 7);
        bits = (mask & 1) != 0 ? bits | bit : bits & ~bit;
      }
      draft.memory.write8(own + i, bits);
      draft.memory.write8(other + i, ~bits);
    }
  }
}
