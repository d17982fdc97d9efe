(** * Scalar programs with exponential functions at rational arguments, evaluated modulo p: every number carries its residue and, where it is known, its
    exact rational value, which the argument of an exponential or circular function must have. *)
From Coq Require Import List ZArith QArith Qreals Reals Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Duals Enclosure ModP Residues.
Import ListNotations.
Local Open Scope R_scope.

Section Exponentials.
Variables (p : Z) (b : bases).
Hypothesis H : bases_ok p b = true.
Let K := exponential_residues p b H.
Definition value : Type := option Q * Z.
Definition stands_for (r : R) (v : value) : Prop := rep p K r (snd v) /\ match fst v with Some q => r = Q2R q | None => True end.
Definition reduced (q : option Q) (z : Z) : value := (q, Z.modulo z p).

Definition unit_inverse (z : Z) : option Z := match Duals.inverse p z with Some w => if Z.eqb (Z.modulo (z * w) p) 1 then Some w else None | None => None end.
Lemma unit_inverse_ok z w : unit_inverse z = Some w -> Z.modulo (z * w) p = 1%Z.
Proof. unfold unit_inverse. destruct (Duals.inverse p z) as [u|]; [|easy]. destruct (Z.eqb_spec (Z.modulo (z * u) p) 1); [|easy]. now intros [= <-]. Qed.
Definition v_int (n : Z) : value := reduced (Some (Qmake n 1)) n.
Lemma v_int_ok n : stands_for (IZR n) (v_int n).
Proof. split; [apply rep_mod, rep_int|]. cbn [fst v_int reduced]. unfold Q2R; cbn [Qnum Qden]. now rewrite Rinv_1, Rmult_1_r. Qed.
Definition v_q (q : Q) : option value :=
  match Qden q with
  | xH => Some (reduced (Some q) (Qnum q))
  | d => match unit_inverse (Zpos d) with Some w => Some (reduced (Some q) (Qnum q * w)) | None => None end
  end.
Lemma v_q_ok q v : v_q q = Some v -> stands_for (Q2R q) v.
Proof.
  destruct q as [n d]. intros E. assert (G : forall w, unit_inverse (Zpos d) = Some w -> stands_for (Q2R (Qmake n d)) (reduced (Some (Qmake n d)) (n * w))).
  { intros w Hw. apply unit_inverse_ok in Hw. split; [|reflexivity]. apply rep_mod. unfold Q2R; cbn [Qnum Qden]. apply rep_times; [apply rep_int|].
    apply (rep_inverse p K _ (Zpos d)); [apply rep_int|exact Hw]. }
  unfold v_q in E; cbn [Qnum Qden] in E.
  destruct d; try (destruct (unit_inverse _) as [w|]; [|easy]; injection E as <-; now apply G).
  injection E as <-. split; [|reflexivity]. apply rep_mod. unfold Q2R; cbn [Qnum Qden]. rewrite Rinv_1, Rmult_1_r. apply rep_int.
Qed.
Definition v_add (x y : value) : value :=
  reduced (match fst x, fst y with Some q, Some s => Some (qadd q s) | _, _ => None end) (snd x + snd y).
(** 0 times a number that is not known is 0 *)
Definition known_zero (q : option Q) : bool := match q with Some q => qzero q | None => false end.
Definition v_mul (x y : value) : value :=
  reduced (match fst x, fst y with
           | Some q, Some s => Some (qmul q s)
           | q, s => if known_zero q || known_zero s then Some 0%Q else None end) (snd x * snd y).
Definition v_opp (x : value) : value := reduced (match fst x with Some q => Some (qopp q) | None => None end) (- snd x).
Definition v_inv (x : value) : option value :=
  match unit_inverse (snd x) with
  | Some w => Some (reduced (match fst x with Some q => Some (qinv q) | None => None end) w)
  | None => None
  end.
Lemma v_add_ok r s x y : stands_for r x -> stands_for s y -> stands_for (r + s) (v_add x y).
Proof.
  intros [A B] [C D]. split; [now apply rep_mod, rep_plus|]. cbn [fst v_add reduced]. destruct (fst x), (fst y); try exact I. rewrite qadd_ok. now subst.
Qed.
Lemma known_zero_ok r q : match q with Some q => r = Q2R q | None => True end -> known_zero q = true -> r = 0.
Proof.
  destruct q as [q|]; [|easy]. cbn [known_zero]. intros -> Z. assert (S := q_sign q). unfold qzero in Z. destruct (Qnum q); easy.
Qed.
Lemma v_mul_ok r s x y : stands_for r x -> stands_for s y -> stands_for (r * s) (v_mul x y).
Proof.
  intros [A B] [C D]. split; [now apply rep_mod, rep_times|]. cbn [fst v_mul reduced].
  assert (G : known_zero (fst x) || known_zero (fst y) = true -> r * s = Q2R 0).
  { rewrite Q2R_0. intros E. apply orb_prop in E as [E|E]; [rewrite (known_zero_ok r _ B E)|rewrite (known_zero_ok s _ D E)]; ring. }
  destruct (fst x) as [q|], (fst y) as [q'|]; [rewrite qmul_ok; now subst|..]; (destruct (known_zero _ || known_zero _); [now apply G|exact I]).
Qed.
Lemma v_opp_ok r x : stands_for r x -> stands_for (- r) (v_opp x).
Proof. intros [A B]. split; [now apply rep_mod, rep_opp|]. cbn [fst v_opp reduced]. destruct (fst x); [|exact I]. rewrite qopp_ok. now subst. Qed.
Lemma v_inv_ok r x y : stands_for r x -> v_inv x = Some y -> r <> 0 /\ stands_for (/ r) y.
Proof.
  unfold v_inv. destruct (unit_inverse (snd x)) as [w|] eqn:E; [|easy]. apply unit_inverse_ok in E. intros [A B] [= <-].
  assert (Hp := bases_modulus p b H).
  assert (N : r <> 0) by (apply (rep_nonzero p K r (snd x) A), (inverse_unit p _ w Hp E)). split; [exact N|].
  split; [apply rep_mod, (rep_inverse p K r (snd x)); [exact A|exact E]|].
  cbn [fst reduced]. destruct (fst x); [|exact I]. rewrite qinv_ok by (now rewrite <- B). now rewrite B.
Qed.

(** the integer k with q = k/N *)
Definition exponent (q : Q) : option Z :=
  let n := (Qnum q * Zpos (b_denominator b))%Z in
  if Z.eqb (Z.modulo n (Zpos (Qden q))) 0 then Some (Z.div n (Zpos (Qden q))) else None.
Lemma exponent_ok q k : exponent q = Some k -> Q2R q = IZR k / IZR (Zpos (b_denominator b)).
Proof.
  unfold exponent. cbv zeta. destruct (Z.eqb_spec (Z.modulo (Qnum q * Zpos (b_denominator b)) (Zpos (Qden q))) 0) as [E|]; [|easy]. intros [= <-].
  assert (D : (Qnum q * Zpos (b_denominator b) = Zpos (Qden q) * (Qnum q * Zpos (b_denominator b) / Zpos (Qden q)))%Z).
  { rewrite (Z_div_mod_eq_full (Qnum q * Zpos (b_denominator b)) (Zpos (Qden q))) at 1. rewrite E. ring. }
  set (k := (Qnum q * Zpos (b_denominator b) / Zpos (Qden q))%Z) in *. apply (f_equal IZR) in D. rewrite !mult_IZR in D.
  assert (N1 : IZR (Zpos (b_denominator b)) <> 0) by (apply not_0_IZR; lia). assert (N2 : IZR (Zpos (Qden q)) <> 0) by (apply not_0_IZR; lia).
  unfold Q2R. apply (Rmult_eq_reg_r (IZR (Zpos (b_denominator b)) * IZR (Zpos (Qden q)))); [|now apply Rmult_integral_contrapositive_currified].
  transitivity (IZR (Qnum q) * IZR (Zpos (b_denominator b))); [field; assumption|]. rewrite D. field. assumption.
Qed.
(** the number of which a function is taken *)
Definition exact (x : value) : option Z := match fst x with Some q => exponent q | None => None end.
Lemma exact_ok r x k : stands_for r x -> exact x = Some k -> r = IZR k / IZR (Zpos (b_denominator b)).
Proof. intros [_ B]. unfold exact. destruct (fst x) as [q|]; [|easy]. subst. apply exponent_ok. Qed.
Definition at_zero (k n : Z) : option Q := if Z.eqb k 0 then Some (Qmake n 1) else None.
Definition v_exp (x : value) : option value :=
  match exact x with Some k => Some (reduced (at_zero k 1) (power p (b_real b) (b_real' b) k)) | None => None end.
Definition circle (k : Z) : Z := power p (b_imaginary b) (b_imaginary' b) k.
Definition v_cos (x : value) : option value :=
  match exact x, unit_inverse 2 with
  | Some k, Some h => if b_circular b then Some (reduced (at_zero k 1) ((circle k + circle (- k)) * h)) else None
  | _, _ => None
  end.
Definition v_sin (x : value) : option value :=
  match exact x, unit_inverse 2 with
  | Some k, Some h => if b_circular b then Some (reduced (at_zero k 0) (b_root b * (circle (- k) - circle k) * h)) else None
  | _, _ => None
  end.
Lemma at_zero_ok f k n : f 0 = IZR n -> match at_zero k n with Some q => f (IZR k / IZR (Zpos (b_denominator b))) = Q2R q | None => True end.
Proof.
  intros E. unfold at_zero. destruct (Z.eqb_spec k 0) as [->|]; [|exact I]. unfold Rdiv. rewrite Rmult_0_l, E. unfold Q2R; cbn [Qnum Qden].
  now rewrite Rinv_1, Rmult_1_r.
Qed.
Lemma v_exp_ok r x y : stands_for r x -> v_exp x = Some y -> stands_for (exp r) y.
Proof.
  intros Hx. unfold v_exp. destruct (exact x) as [k|] eqn:E; [|easy]. intros [= <-]. rewrite (exact_ok r x k Hx E).
  split; [apply rep_mod, rep_exp|]. apply at_zero_ok, exp_0.
Qed.
Lemma v_cos_ok r x y : stands_for r x -> v_cos x = Some y -> stands_for (cos r) y.
Proof.
  intros Hx. unfold v_cos. destruct (exact x) as [k|] eqn:E; [|easy]. destruct (unit_inverse 2) as [h|] eqn:Eh; [|easy]. apply unit_inverse_ok in Eh.
  destruct (b_circular b) eqn:C; [|easy]. intros [= <-]. rewrite (exact_ok r x k Hx E).
  split; [apply rep_mod, rep_cos; assumption|]. apply at_zero_ok, cos_0.
Qed.
Lemma v_sin_ok r x y : stands_for r x -> v_sin x = Some y -> stands_for (sin r) y.
Proof.
  intros Hx. unfold v_sin. destruct (exact x) as [k|] eqn:E; [|easy]. destruct (unit_inverse 2) as [h|] eqn:Eh; [|easy]. apply unit_inverse_ok in Eh.
  destruct (b_circular b) eqn:C; [|easy]. intros [= <-]. rewrite (exact_ok r x k Hx E).
  split; [apply rep_mod, rep_sin; assumption|]. apply at_zero_ok, sin_0.
Qed.

(** ** Functions, as terms *)
Fixpoint t_v (x : value) (t : term) : option value :=
  match t with
  | Z_ => Some x
  | One => Some (v_int 1)
  | Neg a => match t_v x a with Some v => Some (v_opp v) | None => None end
  | Add a c => match t_v x a, t_v x c with Some v, Some w => Some (v_add v w) | _, _ => None end
  | Mul a c => match t_v x a, t_v x c with Some v, Some w => Some (v_mul v w) | _, _ => None end
  | Inv a => match t_v x a with Some v => v_inv v | None => None end
  | Exp_ a => match t_v x a with Some v => v_exp v | None => None end
  | Sin_ a => match t_v x a with Some v => v_sin v | None => None end
  | Cos_ a => match t_v x a with Some v => v_cos v | None => None end
  | _ => None
  end.
Lemma t_v_ok z x : stands_for z x -> forall t v, t_v x t = Some v -> stands_for (t_r z t) v.
Proof.
  intros Hz. induction t; cbn [t_v t_r]; intros v E; try discriminate E.
  - now injection E as <-.
  - injection E as <-. apply (v_int_ok 1).
  - destruct (t_v x t); [|easy]. injection E as <-. now apply v_opp_ok, IHt.
  - destruct (t_v x t1); [|easy]. destruct (t_v x t2); [|easy]. injection E as <-. apply v_add_ok; auto.
  - destruct (t_v x t1); [|easy]. destruct (t_v x t2); [|easy]. injection E as <-. apply v_mul_ok; auto.
  - destruct (t_v x t) as [w|]; [|easy]. exact (proj2 (v_inv_ok _ w v (IHt w eq_refl) E)).
  - destruct (t_v x t) as [w|]; [|easy]. exact (v_exp_ok _ w v (IHt w eq_refl) E).
  - destruct (t_v x t) as [w|]; [|easy]. exact (v_sin_ok _ w v (IHt w eq_refl) E).
  - destruct (t_v x t) as [w|]; [|easy]. exact (v_cos_ok _ w v (IHt w eq_refl) E).
Qed.
(** tanh by e^(2z), so that 2z need be a multiple of 1/N only *)
Definition tanh_term : term := let u := Exp_ (Enclosure.Add Z_ Z_) in Enclosure.Mul (sub u One) (Inv (Enclosure.Add u One)).
Definition terms_of (e : exponential) : term * term :=
  match e with Tanh => (tanh_term, sub One (Enclosure.Mul tanh_term tanh_term)) | _ => (value_term e, slope_term e) end.
Lemma tanh_term_ok z : t_r z tanh_term = tanh z.
Proof.
  cbn [t_r tanh_term sub]. unfold tanh, sinh, cosh. rewrite exp_plus. assert (P := exp_pos z). assert (Q := exp_pos (- z)).
  assert (E : exp z * exp (- z) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0).
  assert (exp z * exp z + 1 <> 0) by nra. apply (Rmult_eq_reg_r (exp z * exp z + 1)); [|assumption]. field_simplify; [|lra|assumption].
  assert (N : exp z + exp (- z) <> 0) by lra. apply (Rmult_eq_reg_r (exp z + exp (- z))); [|exact N]. field_simplify; [|exact N].
  replace (exp z ^ 3) with (exp z * exp z * exp z) by ring. nra.
Qed.
Lemma terms_of_ok e z : domain e z -> t_r z (fst (terms_of e)) = exponential_fun e z /\ is_derive (exponential_fun e) z (t_r z (snd (terms_of e))).
Proof.
  intros Dom. assert (G : t_r z (value_term e) = exponential_fun e z /\ is_derive (exponential_fun e) z (t_r z (slope_term e))).
  { split; [symmetry; apply value_term_ok|now apply slope_term_ok]. }
  destruct e; try exact G. cbn [terms_of fst snd]. split; [apply tanh_term_ok|]. destruct G as [V D]. 
  replace (t_r z (sub One (Enclosure.Mul tanh_term tanh_term))) with (t_r z (slope_term Tanh)); [exact D|].
  change (t_r z (sub One (Enclosure.Mul tanh_term tanh_term))) with (1 + - (t_r z tanh_term * t_r z tanh_term)). rewrite tanh_term_ok.
  change (t_r z (slope_term Tanh)) with (1 + - (t_r z (value_term Tanh) * t_r z (value_term Tanh))). rewrite V. reflexivity.
Qed.
Definition v_act (k : shape) (x : value) : option (value * value) :=
  match k with
  | Inverse => match v_inv x with Some y => Some (y, v_opp (v_mul y y)) | None => None end
  | Exponential Rsqrt => None
  | Exponential e => match t_v x (fst (terms_of e)), t_v x (snd (terms_of e)) with Some v, Some d => Some (v, d) | _, _ => None end
  | _ => None
  end.
Lemma v_act_ok k r x v d : stands_for r x -> v_act k x = Some (v, d) ->
  stands_for (shape_fun k r) v /\ exists r', is_derive (shape_fun k) r r' /\ stands_for r' d.
Proof.
  intros Hr E. destruct k as [| |e]; cbn [v_act] in E; try discriminate E.
  - destruct (v_inv x) as [y|] eqn:Ey; [|easy]. injection E as <- <-. destruct (v_inv_ok r x y Hr Ey) as [N W]. split; [exact W|].
    exists (- (/ r * / r)). split; [now apply inverse_derive|]. now apply v_opp_ok, v_mul_ok.
  - assert (E' : match t_v x (fst (terms_of e)), t_v x (snd (terms_of e)) with Some v, Some d => Some (v, d) | _, _ => None end = Some (v, d)) by (destruct e; easy).
    assert (Dom : domain e r) by (destruct e; easy). clear E. rename E' into E. destruct (t_v x (fst (terms_of e))) as [v'|] eqn:E1; [|easy]. destruct (t_v x (snd (terms_of e))) as [d'|] eqn:E2; [|easy]. injection E as <- <-.
    destruct (terms_of_ok e r Dom) as [T1 T2]. cbn [shape_fun]. split; [rewrite <- T1; exact (t_v_ok r x Hr _ _ E1)|].
    exists (t_r r (snd (terms_of e))). split; [exact T2|exact (t_v_ok r x Hr _ _ E2)].
Qed.
Definition exponentials : numbers.
Proof.
  refine {| carrier := value; stands := stands_for; of_q := v_q; add := v_add; mul := v_mul; act := v_act; zero := v_int 0 |}.
  - apply v_q_ok.
  - apply (v_int_ok 0).
  - apply v_add_ok.
  - apply v_mul_ok.
  - apply v_act_ok.
Defined.
Lemma stands_nonzero r x : stands_for r x -> (snd x mod p <> 0)%Z -> r <> 0.
Proof. intros [A _] N ->. apply N. now apply (rep_zero p b H). Qed.
End Exponentials.
