/* The boot report: lines of a word and hexadecimal numbers. */
#include "cpu.h"

static char *put_line(char *to, const char *word, const u64 *values, u32 n) {
  to = put_text(to, word);
  for (u32 i = 0; i < n; i++) {
    *to++ = ' ';
    to = put_hex(to, values[i]);
  }
  *to++ = '\n';
  return to;
}

static char *put_leaf(char *to, u32 leaf, u32 subleaf) {
  u32 r[4];
  cpuid(leaf, subleaf, r);
  u64 values[] = {leaf, subleaf, r[0], r[1], r[2], r[3]};
  return put_line(to, "cpuid", values, 6);
}

u32 cpu_report(char *to, u32 size) {
  char *start = to;
  u64 version = PROTOCOL_VERSION;
  to = put_line(to, "precept-runner", &version, 1);
  static const u32 ranges[] = {0, 0x40000000u, 0x80000000u};
  for (u32 i = 0; i < 3; i++) {
    u32 r[4];
    cpuid(ranges[i], 0, r);
    u32 last = r[0];
    if (last < ranges[i] || last > ranges[i] + 0x40) {
      continue;
    }
    for (u32 leaf = ranges[i]; leaf <= last && (u32)(to - start) < size - 1024; leaf++) {
      to = put_leaf(to, leaf, 0);
      if (leaf == 7 || leaf == 0xD) {
        to = put_leaf(to, leaf, 1);
      }
    }
  }
  for (u32 i = 0; i < msrs_used; i++) {
    u64 line[2] = {msrs[i].msr, 0};
    if (msrs[i].present) {
      line[1] = rdmsr(msrs[i].msr);
      to = put_line(to, "msr", line, 2);
    } else {
      line[0] = msrs[i].reg;
      to = put_line(to, "missing", line, 1);
    }
  }
  if (cpu_vmx) {
    /* VMX capabilities (SDM vol. 3, appendix A), and the VMCS fields that there are. */
    for (u32 msr = 0x480; msr <= 0x493; msr++) {
      u64 line[2] = {msr, 0};
      if (try_rdmsr(msr, &line[1])) {
        to = put_line(to, "msr", line, 2);
      }
    }
    for (u32 i = 0; i < vmx_fields; i++) {
      u64 encoding = vmx_encodings[i];
      to = put_line(to, "vmcs", &encoding, 1);
    }
  }
  u64 has[] = {(u64)cpu_svm, (u64)cpu_nested, (u64)cpu_vmx, (u64)disk_dma};
  to = put_line(to, "svm", &has[0], 2);
  to = put_line(to, "vmx", &has[2], 1);
  to = put_line(to, "dma", &has[3], 1);
  *to = 0;
  return (u32)(to - start);
}
