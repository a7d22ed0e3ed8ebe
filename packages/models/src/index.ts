// The public names of @wengert/models, in reading order.

export {};
