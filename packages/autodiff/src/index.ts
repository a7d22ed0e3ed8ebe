// The public names of @wengert/autodiff, in reading order.

export {};
