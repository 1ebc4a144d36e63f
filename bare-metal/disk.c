/*
 * The disk that the runner was booted from, as the primary master of an IDE controller: bus-master
 * DMA where PCI has one, else programmed I/O. LBA of 28 bits, no interrupts.
 */
#include "runner.h"

#define DATA 0x1F0
#define COUNT 0x1F2
#define LBA_LOW 0x1F3
#define LBA_MID 0x1F4
#define LBA_HIGH 0x1F5
#define DEVICE 0x1F6
#define COMMAND 0x1F7
#define CONTROL 0x3F6

#define READ_PIO 0x20
#define WRITE_PIO 0x30
#define READ_DMA 0xC8
#define WRITE_DMA 0xCA

#define BSY 0x80
#define DRQ 0x08
#define FAILED 0x21 /* ERR, DF */

#define SECTOR 512u
#define SECTORS_MAX 256u
#define PAUSES 100u /* between looks at the controller */

int disk_dma;
static u16 bus_master;

/* A transfer in pieces that do not cross 64 KiB, as the controller wants it. */
struct piece {
  u32 address;
  u16 bytes;
  u16 last;
};
static volatile struct piece pieces[4] __attribute__((aligned(64)));

static u32 pci_read(u32 device, u32 function, u32 offset) {
  out32(0xCF8, 0x80000000u | device << 11 | function << 8 | offset);
  return in32(0xCFC);
}

static void pci_write(u32 device, u32 function, u32 offset, u32 value) {
  out32(0xCF8, 0x80000000u | device << 11 | function << 8 | offset);
  out32(0xCFC, value);
}

void disk_set_up(void) {
  out8(CONTROL, 2); /* nIEN */
  for (u32 device = 0; device < 32 && !bus_master; device++) {
    for (u32 function = 0; function < 8 && !bus_master; function++) {
      u32 class = pci_read(device, function, 8);
      u32 bar = pci_read(device, function, 0x20);
      /* IDE controller that can be bus master, with its registers in I/O space. */
      if (class >> 16 == 0x0101 && (class & 0x8000) && (bar & 1) && (bar & 0xFFFC)) {
        u32 command = pci_read(device, function, 4);
        pci_write(device, function, 4, (command & 0xFFFF) | 5);
        bus_master = (u16)(bar & 0xFFFC);
      }
    }
  }
  disk_dma = bus_master != 0;
}

static void wait_until_free(void) {
  while (in8(COMMAND) & BSY) {
    pause();
  }
}

static void command(u32 sector, u32 sectors, u8 code) {
  wait_until_free();
  out8(DEVICE, (u8)(0xE0 | (sector >> 24 & 0xF)));
  out8(COUNT, (u8)sectors);
  out8(LBA_LOW, (u8)sector);
  out8(LBA_MID, (u8)(sector >> 8));
  out8(LBA_HIGH, (u8)(sector >> 16));
  out8(COMMAND, code);
}

static void dma(u32 sector, u32 memory, u32 sectors, int to_memory) {
  u32 bytes = sectors * SECTOR;
  u32 n = 0;
  while (bytes) {
    u32 piece = 0x10000 - (memory & 0xFFFF);
    if (piece > bytes) {
      piece = bytes;
    }
    pieces[n].address = memory;
    pieces[n].bytes = (u16)piece; /* 0 means 64 KiB */
    pieces[n].last = 0;
    memory += piece;
    bytes -= piece;
    n++;
  }
  pieces[n - 1].last = 0x8000;
  u8 direction = to_memory ? 8 : 0;
  out8(bus_master, 0);
  out8(bus_master + 2, 6); /* clears interrupt and error */
  out32(bus_master + 4, (u32)(u64)pieces);
  out8(bus_master, direction);
  command(sector, sectors, to_memory ? READ_DMA : WRITE_DMA);
  out8(bus_master, direction | 1);
  u8 state;
  do {
    /* To ask is expensive in an emulator, and it takes its time. */
    for (u32 i = 0; i < PAUSES; i++) {
      pause();
    }
    state = in8(bus_master + 2);
  } while (!(state & 2) && ((state & 5) == 1 || (in8(COMMAND) & (BSY | DRQ))));
  wait_until_free();
  out8(bus_master, 0);
  if ((state & 2) || (in8(COMMAND) & FAILED)) {
    die("the disk failed: sector, status", sector, in8(COMMAND));
  }
}

static void pio(u32 sector, u8 *memory, u32 sectors, int to_memory) {
  command(sector, sectors, to_memory ? READ_PIO : WRITE_PIO);
  for (u32 i = 0; i < sectors; i++) {
    in8(CONTROL); /* 400 ns */
    wait_until_free();
    u8 state;
    do {
      state = in8(COMMAND);
      if (state & FAILED) {
        die("the disk failed: sector, status", sector + i, state);
      }
    } while (!(state & DRQ));
    if (to_memory) {
      ins16(DATA, memory, SECTOR / 2);
    } else {
      outs16(DATA, memory, SECTOR / 2);
    }
    memory += SECTOR;
  }
  wait_until_free();
}

static void transfer(u32 sector, u32 memory, u32 sectors, int to_memory) {
  while (sectors) {
    u32 n = sectors < SECTORS_MAX ? sectors : SECTORS_MAX;
    if (disk_dma) {
      dma(sector, memory, n, to_memory);
    } else {
      pio(sector, (u8 *)(u64)memory, n, to_memory);
    }
    sector += n;
    memory += n * SECTOR;
    sectors -= n;
  }
}

void disk_read(u32 sector, void *to, u32 sectors) {
  transfer(sector, (u32)(u64)to, sectors, 1);
}

void disk_write(u32 sector, const void *from, u32 sectors) {
  transfer(sector, (u32)(u64)from, sectors, 0);
}
