//! Conway's game of life. The input is the first generation as text, `#` for a living cell; the output has the later ones.
//! A cell with two or three living neighbours survives; an empty cell with exactly three comes to life.
const std = @import("std");
const olin = @import("olin");

pub const panic = olin.panic;

const columns = 24;
const rows = 12;
/// The field wraps around in both directions: what leaves it on the right enters on the left.
const Field = [rows][columns]bool;

export fn _start() void {
    const generations = std.fmt.parseInt(u32, olin.argument(1) orelse "4", 10) catch {
        olin.log(.err, "Give a number of generations: life 4", .{});
        olin.exit(2);
    };
    var field = readField();
    var i: u32 = 0;
    while (true) : (i += 1) {
        olin.print("generation {d}\n", .{i});
        show(&field);
        if (i == @min(generations, 1000)) break;
        field = next(&field);
    }
}

fn readField() Field {
    var field = std.mem.zeroes(Field);
    const text = olin.stdin().reader().readAllAlloc(olin.allocator, 1 << 16) catch "";
    var lines = std.mem.splitScalar(u8, text, '\n');
    for (&field) |*row| {
        const line = lines.next() orelse break;
        for (row[0..@min(line.len, columns)], line[0..@min(line.len, columns)]) |*cell, letter| {
            cell.* = letter == '#';
        }
    }
    return field;
}

fn next(field: *const Field) Field {
    var new: Field = undefined;
    for (&new, 0..) |*row, y| {
        for (row, 0..) |*cell, x| {
            const neighbours = countAround(field, x, y);
            cell.* = neighbours == 3 or (neighbours == 2 and field[y][x]);
        }
    }
    return new;
}

fn countAround(field: *const Field, x: usize, y: usize) u32 {
    var count: u32 = 0;
    // One step back is rows - 1 or columns - 1 steps forward, since the field wraps around.
    for ([_]usize{ rows - 1, 0, 1 }) |down| {
        for ([_]usize{ columns - 1, 0, 1 }) |right| {
            if (down == 0 and right == 0) continue;
            if (field[(y + down) % rows][(x + right) % columns]) count += 1;
        }
    }
    return count;
}

fn show(field: *const Field) void {
    var text: [rows * (columns + 1)]u8 = undefined;
    for (field, 0..) |row, y| {
        for (row, 0..) |cell, x| text[y * (columns + 1) + x] = if (cell) '#' else '.';
        text[y * (columns + 1) + columns] = '\n';
    }
    olin.print("{s}", .{text});
}
