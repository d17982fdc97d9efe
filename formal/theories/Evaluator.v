(** * Bracket words, evaluated by nested dual numbers over any number system

    One evaluator, written for any number system [ops C A] (constants C, numbers A), runs a program forward and backward and forms
    right-normed words [X_1,[X_2,…]], [X,Y] = DY.X − DX.Y, by a + b·e with e² = 0. Fields are X = grad_theta (sum_o c_o F_o)(x).
    Activations are polynomials, or functions with derivatives of every order. [wordvec_rel]: two evaluations whose number systems are related give related
    results (used for reduction modulo m), when the derivatives that one of them looks up are those at the arguments that occur. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr Slp Checks Flow Lie Jets.
Import ListNotations.
Local Open Scope R_scope.

(** ** Programs whose activations are polynomials, or functions with known derivatives, over constants C *)
Inductive gnode (C : Type) :=
| GC (c : C)
| GT (i : positive)
| GX (j : positive)
| GS (l : list positive)
| GM (a b : positive)
| GP (cs ds : list C) (a : positive)       (* polynomial, coefficients from the constant on, and its derivative *)
| GF (f : fn) (a : positive).
Arguments GC {C}. Arguments GT {C}. Arguments GX {C}. Arguments GS {C}. Arguments GM {C}. Arguments GP {C}. Arguments GF {C}.

(** [ofun f js n a]: the n-th derivative of f at a; [js] lists the derivatives at the constant part of a, where a number system needs them *)
Record ops (C A : Type) := { oz : A; oadd : A -> A -> A; omul : A -> A -> A; oneg : A -> A; ocst : C -> A; ofun : fn -> (nat -> C) -> nat -> A -> A }.
Arguments oz {C A}. Arguments oadd {C A}. Arguments omul {C A}. Arguments oneg {C A}. Arguments ocst {C A}. Arguments ofun {C A}.
Definition dual {C A} (O : ops C A) : ops C (A * A) := {|
  oz := (oz O, oz O);
  oadd := fun x y => (oadd O (fst x) (fst y), oadd O (snd x) (snd y));
  omul := fun x y => (omul O (fst x) (fst y), oadd O (omul O (fst x) (snd y)) (omul O (snd x) (fst y)));
  oneg := fun x => (oneg O (fst x), oneg O (snd x));
  ocst := fun c => (ocst O c, oz O);
  ofun := fun f js n x => (ofun O f js n (fst x), omul O (snd x) (ofun O f js (S n) (fst x))) |}.

(** the field of a covector on the outputs and an input; for every node that applies a function, the derivatives at its argument *)
Record gfield (C : Type) := { gf_cov : list (positive * C); gf_x : PM.t C; gf_j : positive -> nat -> C }.
Arguments gf_cov {C}. Arguments gf_x {C}. Arguments gf_j {C}.

Section Eval.
Context {C A : Type} (O : ops C A).
Definition getA (m : PM.t A) (n : positive) : A := match PM.find n m with Some a => a | None => oz O end.
Definition getC (m : PM.t C) (n : positive) : A := match PM.find n m with Some c => ocst O c | None => oz O end.
Definition horner (cs : list C) (t : A) : A := fold_right (fun c acc => oadd O (ocst O c) (omul O t acc)) (oz O) cs.
Definition gval (th : PM.t A) (x : PM.t C) (js : nat -> C) (V : PM.t A) (n : gnode C) : A :=
  match n with
  | GC c => ocst O c
  | GT i => getA th i
  | GX j => getC x j
  | GS l => fold_right (fun a e => oadd O (getA V a) e) (oz O) l
  | GM a b => omul O (getA V a) (getA V b)
  | GP cs _ a => horner cs (getA V a)
  | GF f a => ofun O f js 0 (getA V a)
  end.
Fixpoint fwd (th : PM.t A) (x : PM.t C) (js : positive -> nat -> C) (next : positive) (p : list (gnode C)) (V : PM.t A) : PM.t A :=
  match p with [] => V | n :: p' => fwd th x js (Pos.succ next) p' (PM.add next (gval th x (js next) V n) V) end.
Definition addto (a : positive) (v : A) (m : PM.t A) : PM.t A :=
  PM.add a (match PM.find a m with Some w => oadd O w v | None => v end) m.
(** the adjoint a of one node is handed to its arguments, or to the parameter *)
Definition gback (js : nat -> C) (V : PM.t A) (n : gnode C) (a : A) (st : PM.t A * PM.t A) : PM.t A * PM.t A :=
  match n with
  | GT i => (fst st, addto i a (snd st))
  | GS l => (fold_left (fun m b => addto b a m) l (fst st), snd st)
  | GM b c => (addto c (omul O a (getA V b)) (addto b (omul O a (getA V c)) (fst st)), snd st)
  | GP _ ds b => (addto b (omul O a (horner ds (getA V b))) (fst st), snd st)
  | GF f b => (addto b (omul O a (ofun O f js 1 (getA V b))) (fst st), snd st)
  | _ => st
  end.
Fixpoint bwd (js : positive -> nat -> C) (V : PM.t A) (next : positive) (p : list (gnode C)) (st : PM.t A * PM.t A) : PM.t A * PM.t A :=
  match p with
  | [] => st
  | n :: p' => let st' := bwd js V (Pos.succ next) p' st in
               match PM.find next (fst st') with Some a => gback (js next) V n a st' | None => st' end
  end.
Definition seed (cov : list (positive * C)) : PM.t A := fold_left (fun m oc => addto (fst oc) (ocst O (snd oc)) m) cov (PM.empty A).
(** the gradient of sum_o c_o F_o, by parameter *)
Definition gradvec (p : list (gnode C)) (F : gfield C) (th : PM.t A) : PM.t A :=
  snd (bwd (gf_j F) (fwd th (gf_x F) (gf_j F) 1 p (PM.empty A)) 1 p (seed (gf_cov F), PM.empty A)).
End Eval.

Definition vbuild {A} (M : positive) (f : positive -> A) : PM.t A := fold_left (fun m i => PM.add i (f i) m) (plist M) (PM.empty A).
Definition zip {C A} (O : ops C A) (M : positive) (a b : positive -> A) : PM.t (A * A) := vbuild M (fun i => (a i, b i)).

Section WordDef.
Context {C : Type} (M : positive) (p : list (gnode C)).
(** [X, Y] = DY.X − DX.Y; DY.X is the coefficient of e in Y(theta + e X(theta)) *)
Fixpoint wordvec (w : list (gfield C)) : forall {A}, ops C A -> PM.t A -> PM.t A :=
  match w with
  | [] => fun A O th => PM.empty A
  | F :: w' =>
    match w' with
    | [] => fun A O th => gradvec O p F th
    | _ => fun A O th =>
      let x := gradvec O p F th in
      let y := wordvec w' (dual O) (zip O M (getA O th) (getA O x)) in
      let b := gradvec (dual O) p F (zip O M (getA O th) (fun i => fst (getA (dual O) y i))) in
      vbuild M (fun i => oadd O (snd (getA (dual O) y i)) (oneg O (snd (getA (dual O) b i))))
    end
  end.
End WordDef.

Lemma vbuild_find {A} M (f : positive -> A) k : PM.find k (vbuild M f) = if Pos.leb k M then Some (f k) else None.
Proof.
  unfold vbuild. assert (G : forall l m, PM.find k (fold_left (fun m i => PM.add i (f i) m) l m) =
    if existsb (Pos.eqb k) l then Some (f k) else PM.find k m).
  { induction l as [|i l IH]; intros m; cbn [fold_left existsb]; [easy|]. rewrite IH.
    destruct (Pos.eqb_spec k i) as [->|N]; cbn [orb].
    - rewrite PM.gss. now destruct (existsb (Pos.eqb i) l).
    - destruct (existsb (Pos.eqb k) l); [easy|]. now rewrite PM.gso. }
  rewrite G, PM.gempty. destruct (Pos.leb_spec k M) as [L|L].
  - assert (E : existsb (Pos.eqb k) (plist M) = true) by (apply existsb_exists; exists k; split; [now apply plist_in|apply Pos.eqb_refl]).
    now rewrite E.
  - destruct (existsb (Pos.eqb k) (plist M)) eqn:E; [|easy].
    apply existsb_exists in E as (j & Hj & ->%Pos.eqb_eq). apply plist_in in Hj. lia.
Qed.

(** ** Related number systems give related results *)
(** [J f js js' a]: the derivatives of f listed by js and js' are those at the constant part of a *)
Record orel {CA CB A B : Type} (RC : CA -> CB -> Prop) (J : fn -> (nat -> CA) -> (nat -> CB) -> A -> Prop) (R : A -> B -> Prop)
    (OA : ops CA A) (OB : ops CB B) : Prop := {
  rel_z : R (oz OA) (oz OB);
  rel_add : forall a a' b b', R a b -> R a' b' -> R (oadd OA a a') (oadd OB b b');
  rel_mul : forall a a' b b', R a b -> R a' b' -> R (omul OA a a') (omul OB b b');
  rel_neg : forall a b, R a b -> R (oneg OA a) (oneg OB b);
  rel_cst : forall a b, RC a b -> R (ocst OA a) (ocst OB b);
  rel_fun : forall f js js' n a b, J f js js' a -> R a b -> R (ofun OA f js n a) (ofun OB f js' n b) }.
Arguments rel_z {CA CB A B RC J R OA OB}. Arguments rel_add {CA CB A B RC J R OA OB}. Arguments rel_mul {CA CB A B RC J R OA OB}.
Arguments rel_neg {CA CB A B RC J R OA OB}. Arguments rel_cst {CA CB A B RC J R OA OB}. Arguments rel_fun {CA CB A B RC J R OA OB}.
Definition drel {A B} (R : A -> B -> Prop) (x : A * A) (y : B * B) : Prop := R (fst x) (fst y) /\ R (snd x) (snd y).
Lemma dual_rel {CA CB A B} (RC : CA -> CB -> Prop) J (R : A -> B -> Prop) OA OB : orel RC J R OA OB ->
  orel RC (fun f js js' a => J f js js' (fst a)) (drel R) (dual OA) (dual OB).
Proof.
  intros H. split; unfold drel; cbn; intros; intuition; repeat apply H; auto.
Qed.

(** maps with the same keys and related entries *)
Definition mrel {A B} (R : A -> B -> Prop) (m : PM.t A) (m' : PM.t B) : Prop :=
  forall k, match PM.find k m, PM.find k m' with Some a, Some b => R a b | None, None => True | _, _ => False end.
Definition nrel {CA CB} (RC : CA -> CB -> Prop) (n : gnode CA) (n' : gnode CB) : Prop :=
  match n, n' with
  | GC a, GC b => RC a b
  | GT i, GT j | GX i, GX j => i = j
  | GS l, GS l' => l = l'
  | GM a b, GM a' b' => a = a' /\ b = b'
  | GP cs ds a, GP cs' ds' a' => Forall2 RC cs cs' /\ Forall2 RC ds ds' /\ a = a'
  | GF f a, GF f' a' => f = f' /\ a = a'
  | _, _ => False
  end.
Definition frel {CA CB} (RC : CA -> CB -> Prop) (F : gfield CA) (G : gfield CB) : Prop :=
  Forall2 (fun a b => fst a = fst b /\ RC (snd a) (snd b)) (gf_cov F) (gf_cov G) /\ mrel RC (gf_x F) (gf_x G).

(** what holds at every node that applies a function *)
Fixpoint at_functions {C} (Q : positive -> fn -> positive -> Prop) (next : positive) (p : list (gnode C)) : Prop :=
  match p with
  | [] => True
  | n :: p' => match n with GF f a => Q next f a | _ => True end /\ at_functions Q (Pos.succ next) p'
  end.
Lemma at_functions_imp {C} (Q Q' : positive -> fn -> positive -> Prop) (p : list (gnode C)) :
  (forall k f a, Q k f a -> Q' k f a) -> forall next, at_functions Q next p -> at_functions Q' next p.
Proof.
  intros H. induction p as [|n p IH]; intros next; cbn [at_functions]; [easy|]. intros [A B]. split; [|now apply IH]. destruct n; auto.
Qed.
Section Param.
Context {CA CB A B : Type} (RC : CA -> CB -> Prop) (J : fn -> (nat -> CA) -> (nat -> CB) -> A -> Prop) (R : A -> B -> Prop).
Context (OA : ops CA A) (OB : ops CB B).
Hypothesis H : orel RC J R OA OB.
Definition wrel (m : PM.t A) (m' : PM.t B) : Prop := forall k, R (getA OA m k) (getA OB m' k).
Lemma mrel_wrel m m' : mrel R m m' -> wrel m m'.
Proof. intros K k. specialize (K k). unfold getA. destruct (PM.find k m), (PM.find k m'); try easy. apply H. Qed.
Lemma mrel_empty : mrel R (PM.empty A) (PM.empty B).
Proof. intros k. now rewrite !PM.gempty. Qed.
Lemma mrel_add k a b m m' : R a b -> mrel R m m' -> mrel R (PM.add k a m) (PM.add k b m').
Proof.
  intros Ha Hm j. destruct (Pos.eq_dec j k) as [->|N]; [now rewrite !PM.gss|]. rewrite !PM.gso by auto. apply Hm.
Qed.
Lemma wrel_add k a b m m' : R a b -> wrel m m' -> wrel (PM.add k a m) (PM.add k b m').
Proof.
  intros Ha Hm j. unfold getA. destruct (Pos.eq_dec j k) as [->|N]; [now rewrite !PM.gss|]. rewrite !PM.gso by auto. apply Hm.
Qed.
Lemma addto_rel k a b m m' : R a b -> mrel R m m' -> mrel R (addto OA k a m) (addto OB k b m').
Proof.
  intros Ha Hm. apply mrel_add; auto. specialize (Hm k). destruct (PM.find k m), (PM.find k m'); try easy. now apply H.
Qed.
Lemma horner_rel cs cs' t t' : Forall2 RC cs cs' -> R t t' -> R (horner OA cs t) (horner OB cs' t').
Proof.
  intros F Ht. induction F; cbn; [apply H|]. apply (rel_add H); [now apply (rel_cst H)|now apply (rel_mul H)].
Qed.
Lemma getC_rel x x' j : mrel RC x x' -> R (getC OA x j) (getC OB x' j).
Proof. intros K. specialize (K j). unfold getC. destruct (PM.find j x), (PM.find j x'); try easy; apply H; auto. Qed.
Lemma gval_rel th th' x x' js js' V V' n n' : wrel th th' -> mrel RC x x' -> wrel V V' -> nrel RC n n' ->
  match n with GF f a => J f js js' (getA OA V a) | _ => True end -> R (gval OA th x js V n) (gval OB th' x' js' V' n').
Proof.
  intros Ht Hx HV Hn HJ. destruct n, n'; cbn in *; try easy; subst; auto.
  - now apply H.
  - now apply getC_rel.
  - clear HJ. induction l0; cbn; [apply H|]. apply H; auto.
  - destruct Hn as [-> ->]. now apply H.
  - destruct Hn as (H1 & H2 & ->). apply horner_rel; auto.
  - destruct Hn as [-> ->]. now apply (rel_fun H).
Qed.
(** the derivatives listed fit the values that the forward pass meets *)
Fixpoint fwd_fits (th : PM.t A) (x : PM.t CA) (js : positive -> nat -> CA) (js' : positive -> nat -> CB) (next : positive) (p : list (gnode CA))
    (V : PM.t A) : Prop :=
  match p with
  | [] => True
  | n :: p' => match n with GF f a => J f (js next) (js' next) (getA OA V a) | _ => True end /\
      fwd_fits th x js js' (Pos.succ next) p' (PM.add next (gval OA th x (js next) V n) V)
  end.
Lemma fwd_rel th th' x x' js js' p p' : wrel th th' -> mrel RC x x' -> Forall2 (nrel RC) p p' ->
  forall next V V', wrel V V' -> fwd_fits th x js js' next p V -> wrel (fwd OA th x js next p V) (fwd OB th' x' js' next p' V').
Proof.
  intros Ht Hx F. induction F; intros next V V' HV; cbn [fwd fwd_fits]; [easy|]. intros [HJ HF]. apply IHF; [|exact HF].
  apply wrel_add; auto. now apply gval_rel.
Qed.
Lemma fwd_old th x js p : forall next V a, (a < next)%positive -> getA OA (fwd OA th x js next p V) a = getA OA V a.
Proof.
  induction p as [|n p IH]; intros next V a Ha; cbn [fwd]; [reflexivity|]. rewrite IH by lia. unfold getA. rewrite PM.gso by lia. reflexivity.
Qed.
Lemma fwd_fits_full th x js js' p : forall next V,
  at_functions (fun k f a => (a < k)%positive /\ J f (js k) (js' k) (getA OA (fwd OA th x js next p V) a)) next p -> fwd_fits th x js js' next p V.
Proof.
  induction p as [|n p IH]; intros next V; cbn [at_functions fwd fwd_fits]; [easy|]. intros [HJ HF]. split; [|now apply IH].
  destruct n; auto. destruct HJ as [L HJ]. rewrite fwd_old in HJ by lia. unfold getA in HJ. rewrite PM.gso in HJ by lia. exact HJ.
Qed.
Definition srel (s : PM.t A * PM.t A) (s' : PM.t B * PM.t B) := mrel R (fst s) (fst s') /\ mrel R (snd s) (snd s').
Lemma gback_rel js js' V V' n n' a a' s s' : wrel V V' -> nrel RC n n' -> match n with GF f b => J f js js' (getA OA V b) | _ => True end ->
  R a a' -> srel s s' -> srel (gback OA js V n a s) (gback OB js' V' n' a' s').
Proof.
  intros HV Hn HJ Ha [S1 S2]. destruct n, n'; cbn in *; try easy; subst; try (split; assumption).
  - split; cbn; [easy|]. now apply addto_rel.
  - split; cbn; [|easy]. generalize dependent (fst s'). generalize dependent (fst s).
    induction l0 as [|b l IH]; cbn; intros m m' Hm; [easy|]. apply IH. now apply addto_rel.
  - destruct Hn as [-> ->]. split; cbn; [|easy]. repeat apply addto_rel; auto; now apply H.
  - destruct Hn as (H1 & H2 & ->). split; cbn; [|easy]. apply addto_rel; auto. apply H; auto. apply horner_rel; auto.
  - destruct Hn as [-> ->]. split; cbn; [|easy]. apply addto_rel; auto. apply H; auto. now apply (rel_fun H).
Qed.
Lemma bwd_rel js js' V V' p p' : wrel V V' -> Forall2 (nrel RC) p p' ->
  forall next s s', at_functions (fun k f a => J f (js k) (js' k) (getA OA V a)) next p -> srel s s' -> srel (bwd OA js V next p s) (bwd OB js' V' next p' s').
Proof.
  intros HV F. induction F; intros next s s' HJ Hs; cbn [bwd]; [easy|]. destruct HJ as [HJ HF].
  assert (K := IHF (Pos.succ next) s s' HF Hs). cbv zeta. assert (L := proj1 K next).
  destruct (PM.find next (fst (bwd OA js V (Pos.succ next) l s))), (PM.find next (fst (bwd OB js' V' (Pos.succ next) l' s'))); try easy.
  now apply gback_rel.
Qed.
Definition fits (p : list (gnode CA)) (F : gfield CA) (F' : gfield CB) (th : PM.t A) : Prop :=
  fwd_fits th (gf_x F) (gf_j F) (gf_j F') 1 p (PM.empty A) /\
  at_functions (fun k f a => J f (gf_j F k) (gf_j F' k) (getA OA (fwd OA th (gf_x F) (gf_j F) 1 p (PM.empty A)) a)) 1 p.
Lemma fits_all p F F' th : (forall f js js' a, J f js js' a) -> fits p F F' th.
Proof.
  intros HJ. unfold fits. split.
  - generalize 1%positive (PM.empty A). induction p as [|n p IH]; intros k V; cbn [fwd_fits]; [easy|]. split; [destruct n; auto|apply IH].
  - generalize (fwd OA th (gf_x F) (gf_j F) 1 p (PM.empty A)). intros V. generalize 1%positive. induction p as [|n p IH]; intros k; cbn [at_functions]; [easy|].
    split; [destruct n; auto|apply IH].
Qed.
Lemma fits_full p F F' th :
  at_functions (fun k f a => (a < k)%positive /\ J f (gf_j F k) (gf_j F' k) (getA OA (fwd OA th (gf_x F) (gf_j F) 1 p (PM.empty A)) a)) 1 p -> fits p F F' th.
Proof. intros HJ. split; [now apply fwd_fits_full|]. apply (at_functions_imp _ _ p) with (2 := HJ). tauto. Qed.
Lemma gradvec_rel p p' F F' th th' : Forall2 (nrel RC) p p' -> frel RC F F' -> wrel th th' -> fits p F F' th ->
  mrel R (gradvec OA p F th) (gradvec OB p' F' th').
Proof.
  intros Hp [Hc Hx] Ht [J1 J2]. unfold gradvec. apply bwd_rel; auto.
  - apply fwd_rel; auto. apply mrel_wrel, mrel_empty.
  - split; cbn; [|apply mrel_empty]. unfold seed. assert (E := mrel_empty). revert E. generalize (PM.empty A) (PM.empty B).
    induction Hc as [|[o c] [o' c'] l l' [Ho Hc'] _ IH]; intros m m' Hm; cbn; [easy|]. apply IH. cbn in *. subst. apply addto_rel; auto. now apply H.
Qed.
Lemma vbuild_rel M f g : (forall i, R (f i) (g i)) -> mrel R (vbuild M f) (vbuild M g).
Proof. intros E k. rewrite !vbuild_find. destruct (Pos.leb k M); auto. Qed.
End Param.

(** ** Number systems over R: every number has a constant part *)
Definition opsR : ops R R := {| oz := 0; oadd := Rplus; omul := Rmult; oneg := Ropp; ocst := fun c => c; ofun := fun f _ n t => jetR f n t |}.
Definition constant_part {A} (O : ops R A) (bs : A -> R) : Prop := orel eq (fun _ _ _ _ => True) (fun a r => bs a = r) O opsR.
Lemma constant_R : constant_part opsR (fun a => a).
Proof. split; cbn; intros; congruence. Qed.
Lemma constant_dual {A} (O : ops R A) bs : constant_part O bs -> constant_part (dual O) (fun a => bs (fst a)).
Proof.
  intros H. split; cbn; intros.
  - apply (rel_z H).
  - now apply (rel_add H).
  - now apply (rel_mul H).
  - now apply (rel_neg H).
  - now apply (rel_cst H).
  - now apply (rel_fun H _ _ (fun _ => 0)).
Qed.
(** the numbers listed are the derivatives of f at r *)
Definition jets_at {CB} (RC : R -> CB -> Prop) (f : fn) (r : R) (js' : nat -> CB) : Prop := forall n, RC (jetR f n r) (js' n).
Definition jets_of {A CB} (RC : R -> CB -> Prop) (bs : A -> R) (f : fn) (_ : nat -> R) (js' : nat -> CB) (a : A) : Prop := jets_at RC f (bs a) js'.
(** they are so at every node that applies a function, at the point *)
Definition jets_ok {CB} (RC : R -> CB -> Prop) (p : list (gnode R)) (thR : PM.t R) (F : gfield R) (F' : gfield CB) : Prop :=
  at_functions (fun k f a => (a < k)%positive /\ jets_at RC f (getA opsR (fwd opsR thR (gf_x F) (gf_j F) 1 p (PM.empty R)) a) (gf_j F' k)) 1 p.
Lemma nrel_refl {C} (n : gnode C) : nrel eq n n.
Proof. assert (E : forall l : list C, Forall2 eq l l) by (induction l; auto). destruct n; cbn; auto. Qed.
Lemma prel_refl {C} (l : list (gnode C)) : Forall2 (nrel eq) l l.
Proof. induction l; auto using nrel_refl. Qed.
Lemma xrel_refl {C} (x : PM.t C) : mrel eq x x.
Proof. intros k. now destruct (PM.find k x). Qed.
Lemma frel_refl {C} (F : gfield C) : frel eq F F.
Proof. split; [induction (gf_cov F); auto|apply xrel_refl]. Qed.
Lemma jets_fits {A CB} (RC : R -> CB -> Prop) (O : ops R A) bs p F F' th thR : constant_part O bs -> (forall k, bs (getA O th k) = getA opsR thR k) ->
  jets_ok RC p thR F F' -> fits (jets_of RC bs) O p F F' th.
Proof.
  intros H Ht HJ. apply fits_full. apply (at_functions_imp _ _ p) with (2 := HJ). intros k f a [L Hj]. split; [exact L|]. unfold jets_of.
  assert (X := fwd_rel eq _ _ _ _ H th thR (gf_x F) (gf_x F) (gf_j F) (gf_j F) p p Ht (xrel_refl _) (prel_refl p) 1 (PM.empty A) (PM.empty R)).
  rewrite X; [exact Hj| |].
  - apply (mrel_wrel eq _ _ _ _ H), mrel_empty.
  - apply (fits_all (fun _ _ _ _ => True) O p F F th). auto.
Qed.

Theorem wordvec_rel {CB} (RC : R -> CB -> Prop) M p p' w w' thR : (forall k, (M < k)%positive -> getA opsR thR k = 0) ->
  Forall2 (nrel RC) p p' -> Forall2 (fun F F' => frel RC F F' /\ jets_ok RC p thR F F') w w' ->
  forall A B (R : A -> B -> Prop) OA OB bs, constant_part OA bs -> orel RC (jets_of RC bs) R OA OB ->
  forall th th', wrel R OA OB th th' -> (forall k, bs (getA OA th k) = getA opsR thR k) ->
  mrel R (wordvec M p w OA th) (wordvec M p' w' OB th').
Proof.
  intros HM Hp Hw. induction Hw as [|F F' w w' [HF JF] Hw IH]; intros A B R OA OB bs HB H th th' Ht Hb; [apply mrel_empty|].
  assert (FF := jets_fits RC OA bs p F F' th thR HB Hb JF).
  destruct Hw as [|G G' w w' HG Hw]; [cbn; now apply (gradvec_rel RC _ _ _ _ H)|].
  assert (Hx : wrel R OA OB (gradvec OA p F th) (gradvec OB p' F' th')) by (apply (mrel_wrel RC _ R OA OB H); now apply (gradvec_rel RC _ _ _ _ H)).
  assert (HD := dual_rel RC _ R OA OB H). assert (HBD := constant_dual OA bs HB).
  assert (Hzb : forall x k, bs (fst (getA (dual OA) (zip OA M (getA OA th) x) k)) = getA opsR thR k).
  { intros x k. unfold getA at 1, zip. rewrite vbuild_find. destruct (Pos.leb_spec k M); [apply Hb|]. cbn [dual oz fst]. rewrite (rel_z HB). symmetry. now apply HM. }
  assert (Hy := IH (A * A)%type (B * B)%type (drel R) (dual OA) (dual OB) _ HBD HD (zip OA M (getA OA th) (getA OA (gradvec OA p F th)))
     (zip OB M (getA OB th') (getA OB (gradvec OB p' F' th')))).
  assert (Hz : wrel (drel R) (dual OA) (dual OB) (zip OA M (getA OA th) (getA OA (gradvec OA p F th)))
     (zip OB M (getA OB th') (getA OB (gradvec OB p' F' th')))).
  { apply (mrel_wrel RC _ (drel R) _ _ HD). apply vbuild_rel. intros i. split; cbn; auto. }
  specialize (Hy Hz (Hzb _)). assert (Hyw := mrel_wrel RC _ _ _ _ HD _ _ Hy). clear Hy Hz IH.
  change (wordvec M p (F :: G :: w) OA th) with
    (let y := wordvec M p (G :: w) (dual OA) (zip OA M (getA OA th) (getA OA (gradvec OA p F th))) in
     let b := gradvec (dual OA) p F (zip OA M (getA OA th) (fun i => fst (getA (dual OA) y i))) in
     vbuild M (fun i => oadd OA (snd (getA (dual OA) y i)) (oneg OA (snd (getA (dual OA) b i))))).
  change (wordvec M p' (F' :: G' :: w') OB th') with
    (let y := wordvec M p' (G' :: w') (dual OB) (zip OB M (getA OB th') (getA OB (gradvec OB p' F' th'))) in
     let b := gradvec (dual OB) p' F' (zip OB M (getA OB th') (fun i => fst (getA (dual OB) y i))) in
     vbuild M (fun i => oadd OB (snd (getA (dual OB) y i)) (oneg OB (snd (getA (dual OB) b i))))).
  cbv zeta. apply vbuild_rel. intros i. apply (rel_add H); [apply Hyw|]. apply (rel_neg H).
  assert (Hbw : wrel (drel R) (dual OA) (dual OB)
     (gradvec (dual OA) p F (zip OA M (getA OA th) (fun i => fst (getA (dual OA) (wordvec M p (G :: w) (dual OA) (zip OA M (getA OA th) (getA OA (gradvec
       OA p F th)))) i))))
     (gradvec (dual OB) p' F' (zip OB M (getA OB th') (fun i => fst (getA (dual OB) (wordvec M p' (G' :: w') (dual OB) (zip OB M (getA OB th') (getA OB
       (gradvec OB p' F' th')))) i))))).
  { apply (mrel_wrel RC _ _ _ _ HD). apply (gradvec_rel RC _ _ _ _ HD); auto.
    - apply (mrel_wrel RC _ _ _ _ HD). apply vbuild_rel. intros j. split; cbn; [apply Ht|]. apply Hyw.
    - apply (jets_fits RC (dual OA) (fun a => bs (fst a)) p F F' _ thR HBD); [apply Hzb|exact JF]. }
  apply Hbw.
Qed.
