/** As for the lab: on a machine that should have everything, a skipped test is a failure. */
export const isRequired = process.env['DARUMA_LAB'] === 'required';
